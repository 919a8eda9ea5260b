"""The folder or bucket of a data set.  A file there takes its name when it is whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any
from uuid import uuid4

from ingest.errors import Unavailable, UsageError
from ingest.redaction import redacted


class Place:
    """A folder, or an fsspec URL (s3://bucket/prefix).  All of it raises Unavailable where it cannot be reached."""

    def __init__(self, url: str) -> None:
        """Raises UsageError for a URL that nobody can follow."""
        import fsspec  # here: it takes a while

        self.shown = redacted(url)
        try:
            self._system, self._folder = fsspec.core.url_to_fs(url)
        except ImportError as error:
            raise UsageError(f"{self.shown!r} needs another package: {error}") from error
        except ValueError as error:
            raise UsageError(f"{self.shown!r} cannot be followed: {error}") from error

    def read(self, path: str) -> bytes | None:
        """None where there is no such file."""
        with self._reached("read"):
            try:
                content: bytes = self._system.cat_file(self._at(path))
            except FileNotFoundError:
                return None
            return content

    def size_and_digest(self, path: str) -> tuple[int, str]:
        """Bytes and their sha256, read again: so the file is there, and whole."""
        digest, size = hashlib.sha256(), 0
        with self._reached("read"), self._system.open(self._at(path), "rb") as file:
            while some := file.read(1 << 20):
                digest.update(some)
                size += len(some)
        return size, digest.hexdigest()

    def remove(self, path: str) -> None:
        """A file that is gone already is none to remove."""
        with self._reached("written"), suppress(FileNotFoundError):
            self._system.rm_file(self._at(path))

    @contextmanager
    def written(self, path: str) -> Iterator[IO[bytes]]:
        """A hidden file beside the one of this name, which it replaces when the block ends well."""
        parent, _, name = self._at(path).rpartition("/")
        unfinished = f"{parent}/.{name}.{uuid4().hex}.part"
        with self._reached("written"):
            self._system.makedirs(parent, exist_ok=True)
            try:
                with self._system.open(unfinished, "wb") as file:
                    yield file
                    file.flush()
                    with suppress(AttributeError, OSError):  # of what is no file of this machine
                        os.fsync(file.fileno())
                self._replace(unfinished, self._at(path))
            except BaseException:
                with suppress(OSError):
                    self._system.rm_file(unfinished)
                raise

    def _replace(self, unfinished: str, target: str) -> None:
        if "file" in _names(self._system):
            os.replace(unfinished, target)  # at once; mv says nothing of a file that is there
        else:
            self._system.mv(unfinished, target)

    def _at(self, path: str) -> str:
        return f"{self._folder}/{path}"

    @contextmanager
    def _reached(self, done: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unavailable(f"the data set {self.shown} cannot be {done} now: {error}") from error


def _names(system: Any) -> tuple[str, ...]:
    return (system.protocol,) if isinstance(system.protocol, str) else tuple(system.protocol)
