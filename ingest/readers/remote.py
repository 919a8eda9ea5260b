"""Files behind fsspec URLs: s3://, gs://, memory:// and whatever else the installed packages know.

Pages of the web are not fetched here: that is the crawler's, which asks robots.txt and waits its turn.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO, TypeVar

from ingest.errors import Unavailable, UsageError
from ingest.readers.streams import Raw, buffered

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")
_WEB = frozenset({"http", "https", "ftp"})
_PATTERN = re.compile(r"[*?\[]")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Remote:
    """A file on a file system of fsspec's."""

    system: Any
    path: str
    name: str  # its URL, without a password
    folder: str  # of the input, for the source

    def opened(self) -> BinaryIO:
        """Raises OSError."""
        return buffered(_RemoteFile(_asked(lambda: self.system.open(self.path, "rb"))))


def is_url(given: str) -> bool:
    return _URL.match(given) is not None


def local_path(url: str) -> str | None:
    """The path that a file:// URL names; None for others."""
    return url.partition("://")[2] if url.lower().startswith("file://") else None


def remotes_of(url: str) -> list[Remote]:
    """The files that a URL names: a file, all under a folder, or those that match a pattern; by name.

    Hidden ones are spared as in a local folder.  Raises UsageError for a URL that nobody can follow,
    Unavailable where its file system does not answer.
    """
    shown, scheme = _CREDENTIALS.sub("", url), url.partition(":")[0].lower()
    if scheme in _WEB:
        raise UsageError(f"{shown!r} is a page of the web, which is not fetched here: see ingest crawl")
    if "::" in url:
        raise UsageError(f"{shown!r} is a chain of URLs: name the file itself, archives are opened")
    import fsspec  # here: it takes a while, and few inputs are URLs

    try:
        system, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise UsageError(f"{shown!r} needs another package: {error}") from error
    except ValueError as error:
        raise UsageError(f"{shown!r} cannot be followed: {error}") from error
    except Exception as error:  # each file system has errors of its own
        raise Unavailable(f"{shown} cannot be reached now: {type(error).__name__}: {error}") from error
    try:
        found = [(path, one) for path in _matches(system, path) for one in _under(system, path)]
    except FileNotFoundError:
        return []
    except Exception as error:  # as above
        raise Unavailable(f"{shown} cannot be listed now: {type(error).__name__}: {error}") from error
    return [
        Remote(system, one, _CREDENTIALS.sub("", system.unstrip_protocol(one)), _folder(given, one))
        for given, one in found
    ]


def _matches(system: Any, path: str) -> list[str]:
    if _PATTERN.search(path) and not system.exists(path):
        return sorted(system.glob(path), key=_parts)
    return [path]


def _under(system: Any, path: str) -> list[str]:
    if not system.isdir(path):
        return [path] if system.exists(path) else []
    below = len(_parts(path))
    found = sorted(system.find(path), key=_parts)
    return [one for one in found if not any(part.startswith(".") for part in _parts(one)[below:])]


def _parts(path: str) -> tuple[str, ...]:
    return PurePosixPath(path.strip("/")).parts


def _folder(given: str, path: str) -> str:
    """The name of the folder given, or of the one that the file given lies in."""
    parts = _parts(given) if given != path else _parts(path)[:-1]
    return parts[-1] if parts else "remote"


def _asked(call: Callable[[], _T]) -> _T:
    """What a file system answers; its own kinds of errors come out as OSError."""
    try:
        return call()
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


class _RemoteFile(Raw):
    def __init__(self, file: Any) -> None:
        self._file = file

    def some(self, size: int) -> bytes:
        data: bytes = _asked(lambda: self._file.read(size))
        return data

    def seekable(self) -> bool:
        return bool(self._file.seekable())

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(_asked(lambda: self._file.seek(offset, whence)))

    def tell(self) -> int:
        return int(self._file.tell())

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
