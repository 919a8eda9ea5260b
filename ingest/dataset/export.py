"""Bringing a data set to what the store holds.

Its files hold each document once, as it is now, or of each group of copies the one that stands for it.  An export
rewrites those in which something changed since the one before, or another document stands for a group.  Interrupted
at any moment, the next export goes on: what the manifest says of a file is true, and all files are written before its
cursor moves on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from ingest.dataset.manifest import File, Manifest, manifest_at
from ingest.dataset.paths import partition_of, path_of
from ingest.dataset.place import Place
from ingest.errors import UsageError
from ingest.export import Format, check_format, fill_with
from ingest.settings import NearCopies
from ingest.store import feed
from ingest.store.partitions import Partition, changed_since, ids_by_day, records_named
from ingest.store.records import Record
from ingest.store.representatives import representatives, stand_ins

_CHECKPOINT = (
    50  # files after which the manifest is written, so that an interrupted export need not begin again
)


@dataclass(frozen=True, slots=True)
class Exported:
    written: int  # files
    removed: int  # files of which no document is left
    documents: int  # in the whole data set
    cursor: int


class DataSet:
    """In a folder, or at an fsspec URL (s3://bucket/prefix).  One export at a time.  Raises Unavailable."""

    def __init__(self, url: str, form: Format, near_copies: NearCopies, *, only_unique: bool) -> None:
        """`near_copies` says which of several copies is the one, where `only_unique`.

        Raises UsageError where the URL cannot be followed, or another kind of data set is there.
        """
        check_format(form)
        self._near_copies = near_copies
        self._place = Place(url)
        self._manifest = manifest_at(self._place) or Manifest(form, only_unique)
        self.stale = 0  # files to look at, once an export has begun
        if (self._manifest.format, self._manifest.only_unique) != (form, only_unique):
            raise UsageError(
                f"the data set in {self._place.shown} was begun with other flags: --format {self._manifest.format}"
                f"{' --only-unique' if self._manifest.only_unique else ''}; give these, or another folder"
            )

    def export(self, connection: Connection, watch: Callable[[int], None]) -> Exported:
        """`watch` is told of each file done.  Raises UsageError where the data set is of another store."""
        newest = feed.newest(connection)
        if self._manifest.cursor > newest:
            raise UsageError(
                f"the data set in {self._place.shown} is ahead of the store, which is another or an older copy: "
                "export into another folder"
            )
        standing = self._standing(connection)
        stale = self._stale(connection, standing)
        self.stale, written, removed = len(stale), 0, 0
        for number, (partition, ids) in enumerate(_with_ids(connection, stale), 1):
            documents: Iterable[Record] = records_named(connection, ids)
            if self._manifest.only_unique:
                documents = representatives(connection, documents, self._near_copies)
            if self._write(path := self._path_of(partition), documents, newest):
                written += 1
            else:
                removed += 1
            self._manifest.note_stand_ins(path, standing.get(path))
            if number % _CHECKPOINT == 0:
                self._manifest.keep(self._place)
            watch(1)
        self._manifest.cursor = newest
        self._manifest.keep(self._place)
        return Exported(written, removed, self._manifest.documents, newest)

    def _standing(self, connection: Connection) -> dict[str, str]:
        """By path, a digest of who stands for whom there."""
        found = stand_ins(connection, self._near_copies) if self._manifest.only_unique else {}
        return {self._path_of(partition): digest for partition, digest in found.items()}

    def _stale(self, connection: Connection, standing: Mapping[str, str]) -> list[Partition]:
        changed = changed_since(connection, self._manifest.cursor)
        stale = {partition for partition, last in changed.items() if self._cursor_of(partition) < last}
        others = standing.items() ^ self._manifest.stand_ins.items()
        return [*(stale | {partition_of(path) for path, _ in others})]

    def _cursor_of(self, partition: Partition) -> int:
        file = self._manifest.files.get(self._path_of(partition))
        return file.cursor if file else 0

    def _path_of(self, partition: Partition) -> str:
        return path_of(partition, self._manifest.format)

    def _write(self, path: str, records: Iterable[Record], cursor: int) -> bool:
        """-> whether there is a file; there is none without documents."""
        rest = iter(records)
        first = next(rest, None)
        if first is None:
            if self._manifest.files.pop(path, None):
                self._place.remove(path)
            return False
        with self._place.written(path) as file:
            documents = fill_with(_all(first, rest), file, self._manifest.format)
        size, digest = self._place.size_and_digest(path)
        self._manifest.files[path] = File(documents, size, digest, cursor)
        return True


def _with_ids(connection: Connection, stale: Iterable[Partition]) -> Iterator[tuple[Partition, list[str]]]:
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
