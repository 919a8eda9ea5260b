"""A data set of the documents in a folder or a bucket: a file for each day and source, and a manifest.

The files hold what the store holds, each document once, as it is now.  An export rewrites those in which something
changed since the one before; each file takes its name when it is whole.  Interrupted at any moment, the next export
goes on: what the manifest says of a file is true, and it is written anew before the cursor moves on.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import IO, Any
from urllib.parse import quote
from uuid import uuid4

from sqlalchemy import Connection

from ingest.errors import Unavailable, UsageError
from ingest.export import Format, check_format, fill_with
from ingest.redaction import redacted
from ingest.store import feed
from ingest.store.partitions import Partition, changed_since, ids_by_day, records_named
from ingest.store.records import Record

MANIFEST = "_manifest.json"  # the underscore: readers of data sets pass over it
_VERSION = 1
_NO_SOURCE = "__HIVE_DEFAULT_PARTITION__"  # Hive's word for null, which readers of data sets know
_CHECKPOINT = (
    50  # files after which the manifest is written, so that an interrupted export need not begin again
)


@dataclass(slots=True)
class File:
    """A file of the data set, as the manifest names it."""

    documents: int
    bytes: int
    sha256: str
    cursor: int  # of the last change that it holds


@dataclass(slots=True)
class Manifest:
    """What is in the folder; on it, the next export goes on."""

    format: Format
    only_unique: bool
    cursor: int = 0  # all up to here is in the files
    files: dict[str, File] = field(default_factory=dict)  # by their paths, below the folder
    version: int = _VERSION


@dataclass(frozen=True, slots=True)
class Exported:
    written: int  # files
    removed: int  # files of which no document is left
    documents: int  # in the whole data set
    cursor: int


class DataSet:
    """A folder, or an fsspec URL (s3://bucket/prefix).  One export at a time."""

    def __init__(self, url: str, form: Format, *, only_unique: bool) -> None:
        """Raises UsageError where the URL cannot be followed, or another kind of data set is there; Unavailable."""
        import fsspec  # here: it takes a while

        check_format(form)
        self._shown = redacted(url)
        try:
            self._system, self._folder = fsspec.core.url_to_fs(url)
        except ImportError as error:
            raise UsageError(f"{self._shown!r} needs another package: {error}") from error
        except ValueError as error:
            raise UsageError(f"{self._shown!r} cannot be followed: {error}") from error
        self.stale = 0  # files to look at, once an export has begun
        self._manifest = self._read() or Manifest(form, only_unique)
        if (self._manifest.format, self._manifest.only_unique) != (form, only_unique):
            raise UsageError(
                f"the data set in {self._shown} was begun with other flags: --format {self._manifest.format}"
                f"{' --only-unique' if self._manifest.only_unique else ''}; give these, or another folder"
            )

    def export(self, connection: Connection, watch: Callable[[int], None]) -> Exported:
        """Bring the files to what the store holds.  `watch` is told of each file done.

        Raises UsageError where the data set is of another store, Unavailable where it cannot be written.
        """
        newest = feed.newest(connection)
        if self._manifest.cursor > newest:
            raise UsageError(
                f"the data set in {self._shown} is ahead of the store, which is another or an older copy: "
                "export into another folder"
            )
        stale = {
            partition: last
            for partition, last in changed_since(connection, self._manifest.cursor).items()
            if self._cursor_of(partition) < last
        }
        self.stale, written, removed = len(stale), 0, 0
        for number, (partition, ids) in enumerate(_with_ids(connection, stale), 1):
            if self._write(partition, records_named(connection, ids), newest):
                written += 1
            else:
                removed += 1
            if number % _CHECKPOINT == 0:
                self._keep()
            watch(1)
        self._manifest.cursor = newest
        self._keep()
        return Exported(
            written, removed, sum(file.documents for file in self._manifest.files.values()), newest
        )

    def _cursor_of(self, partition: Partition) -> int:
        file = self._manifest.files.get(self._path_of(partition))
        return file.cursor if file else 0

    def _path_of(self, partition: Partition) -> str:
        # Not source=: the documents have a column of that name, and readers refuse to have two.
        origin = _NO_SOURCE if partition.source is None else quote(partition.source, safe="") or "%"
        return f"day={partition.day}/origin={origin}/documents.{self._manifest.format}"

    def _write(self, partition: Partition, records: Iterable[Record], cursor: int) -> bool:
        """-> whether there is a file; there is none without documents."""
        path = self._path_of(partition)
        if self._manifest.only_unique:
            records = (record for record in records if record["status"] == "unique")
        rest = iter(records)
        first = next(rest, None)
        with self._reachable("written"):
            if first is None:
                if self._manifest.files.pop(path, None):
                    self._system.rm_file(f"{self._folder}/{path}")
                return False
            with self._whole(path) as file:
                documents = fill_with(_all(first, rest), file, self._manifest.format)
            self._manifest.files[path] = self._described(path, documents, cursor)
        return True

    def _described(self, path: str, documents: int, cursor: int) -> File:
        digest, size = hashlib.sha256(), 0
        with self._system.open(
            f"{self._folder}/{path}", "rb"
        ) as file:  # read again: so it is there, and whole
            while some := file.read(1 << 20):
                digest.update(some)
                size += len(some)
        return File(documents, size, digest.hexdigest(), cursor)

    def _keep(self) -> None:
        self._manifest.files = dict(sorted(self._manifest.files.items()))
        with self._reachable("written"), self._whole(MANIFEST) as file:
            file.write(json.dumps(asdict(self._manifest), indent=1).encode())

    def _read(self) -> Manifest | None:
        with self._reachable("read"):
            try:
                said = json.loads(self._system.cat_file(f"{self._folder}/{MANIFEST}"))
            except FileNotFoundError:
                return None
            except ValueError:
                said = None
        if not isinstance(said, dict) or said.get("version") != _VERSION:
            raise UsageError(f"{MANIFEST} in {self._shown} is none of ours: give another folder")
        files = {path: File(**file) for path, file in said.pop("files").items()}
        return Manifest(**said, files=files)

    @contextmanager
    def _whole(self, path: str) -> Iterator[IO[bytes]]:
        """A hidden file beside the one of this name, which it replaces when the block ends well."""
        target = f"{self._folder}/{path}"
        parent, _, name = target.rpartition("/")
        unfinished = f"{parent}/.{name}.{uuid4().hex}.part"
        self._system.makedirs(parent, exist_ok=True)
        try:
            with self._system.open(unfinished, "wb") as file:
                yield file
                file.flush()
                with suppress(AttributeError, OSError):  # of what is no file of this machine
                    os.fsync(file.fileno())
            self._replace(unfinished, target)
        except BaseException:
            with suppress(OSError):
                self._system.rm_file(unfinished)
            raise

    def _replace(self, unfinished: str, target: str) -> None:
        if "file" in _names(self._system):
            os.replace(unfinished, target)  # mv would move into the place of a file only after it is gone
        else:
            self._system.mv(unfinished, target)

    @contextmanager
    def _reachable(self, done: str) -> Iterator[None]:
        try:
            yield
        except (UsageError, Unavailable):
            raise
        except OSError as error:
            raise Unavailable(f"the data set {self._shown} cannot be {done} now: {error}") from error


def _with_ids(connection: Connection, stale: dict[Partition, int]) -> Iterator[tuple[Partition, list[str]]]:
    """The partitions, source by source: each source is looked through once."""
    days: defaultdict[str | None, list[str]] = defaultdict(list)
    for partition in stale:
        days[partition.source].append(partition.day)
    for source in sorted(days, key=lambda name: name or ""):
        found = ids_by_day(connection, source, frozenset(days[source]))
        for day in sorted(days[source]):
            yield Partition(day, source), found.get(day, [])


def _all(first: Record, rest: Iterator[Record]) -> Iterator[Record]:
    yield first
    yield from rest


def _names(system: Any) -> tuple[str, ...]:
    return (system.protocol,) if isinstance(system.protocol, str) else tuple(system.protocol)
