"""What was pushed of watched folders, for the next start: unchanged files need not be read again.

A file in the data folder, for it is about files that this machine sees.  Losing it costs reading them all once
more, and queues nothing twice; so nobody waits for the disk.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from ingest.errors import Unavailable
from ingest.queue.inbox import State
from ingest.telemetry.logs import logger

_ID = 32  # bytes of a dump_id

_log = logger(__name__)


class Taken(NamedTuple):
    """A file, its state when it was pushed, and the dumps that it gave, none of them dead."""

    path: str
    state: State
    dump_ids: tuple[str, ...]


class Remembered:
    """A context manager.  `terms` is all that decides, beside its bytes, what a file gives.

    Raises Unavailable where the file cannot be opened.  When it cannot be written any more, that is said, and
    nothing else ends.
    """

    def __init__(self, file: Path, terms: str) -> None:
        self._terms = hashlib.sha256(terms.encode()).hexdigest()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(file)
            self._connection.executescript(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                "CREATE TABLE IF NOT EXISTS files (path BLOB PRIMARY KEY, state TEXT, terms TEXT, dump_ids BLOB)"
            )
        except (OSError, sqlite3.Error) as error:
            raise Unavailable(f"cannot use {file}: {error}; it may be deleted") from error

    def below(self, folder: str) -> list[Taken]:
        """What was pushed of a folder on the same terms."""
        start = os.fsencode(folder.rstrip(os.sep) + os.sep)
        asked = "SELECT path, state, dump_ids FROM files WHERE terms = ? AND substr(path, 1, ?) = ?"
        try:
            rows = self._connection.execute(asked, (self._terms, len(start), start)).fetchall()
        except sqlite3.Error as error:
            _log.warning("what was pushed before is not known", error=str(error))
            return []
        return [Taken(os.fsdecode(path), _state(state), _dump_ids(ids)) for path, state, ids in rows]

    def add(self, taken: Iterable[Taken]) -> None:
        rows = [
            (
                os.fsencode(one.path),
                " ".join(map(str, one.state)),
                self._terms,
                bytes.fromhex("".join(one.dump_ids)),
            )
            for one in taken
        ]
        self._write("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", rows)

    def forget(self, paths: Iterable[str]) -> None:
        self._write("DELETE FROM files WHERE path = ?", [(os.fsencode(path),) for path in paths])

    def _write(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        try:
            with self._connection:
                self._connection.executemany(statement, rows)
        except sqlite3.Error as error:
            _log.warning("pushed files are not remembered for the next start", error=str(error))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()


def _state(text: str) -> State:
    return State(*map(int, text.split()))


def _dump_ids(ids: bytes) -> tuple[str, ...]:
    return tuple(ids[at : at + _ID].hex() for at in range(0, len(ids), _ID))
