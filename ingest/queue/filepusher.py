"""Pushing files as they were when they had settled, and knowing which were pushed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import NamedTuple, TypeVar

from sqlalchemy import Engine

from ingest.errors import Unavailable
from ingest.model import Dump
from ingest.queue.broker import Send
from ingest.queue.inbox import Inbox, State, state_of
from ingest.queue.patience import patiently
from ingest.queue.pusher import Pushed, Pusher
from ingest.queue.remembered import Remembered, Taken
from ingest.readers.files import dumps_at
from ingest.settings import Settings
from ingest.stopping import Stopping
from ingest.store import ledger
from ingest.store.intake import is_backlog_over
from ingest.store.transactions import reading
from ingest.store.values import MAX_BINDS
from ingest.telemetry.logs import logger

T = TypeVar("T")

_PAUSE = 1.0  # seconds between two looks at the backlog

_log = logger(__name__)


class Stopped(Exception):
    """In the middle of a push; what was not written down is found again by the next start."""


class _Read(NamedTuple):
    """A file that was read to its end."""

    file: Taken
    is_dead: bool  # a dump of it is: at the next start it is tried again


class FilePusher:
    """Pushes files to the queue.  Raises Stopped as soon as `stopping` is set.

    A broker that is away stops nothing: the sweeper sends what is written down meanwhile.  For a store that is
    away it waits, and so it does while more than `queue.backlog` dumps wait.
    """

    def __init__(
        self, engine: Engine, send: Send, settings: Settings, remembered: Remembered, stopping: Stopping
    ) -> None:
        self._engine, self._settings = engine, settings
        self._remembered, self._stopping = remembered, stopping
        self._pusher = Pusher(engine, send, settings, to_the_sweeper=True)
        self._taken: dict[str, State] = {}  # dead ones too: once in the life of this process is enough
        self._is_waiting = False

    def recall(self, folder: str) -> int:
        """Take the files for pushed that an earlier process pushed to this store.  -> their number."""
        found = self._persistently(lambda: self._kept(folder))
        self._taken.update(found)
        return len(found)

    def is_taken(self, path: str, state: State) -> bool:
        return self._taken.get(path) == state

    def forget(self, are_gone: Callable[[str], bool]) -> None:
        gone = [path for path in self._taken if are_gone(path)]
        for path in gone:
            del self._taken[path]
        self._remembered.forget(gone)

    def push(self, files: Sequence[tuple[Inbox, str, State]]) -> tuple[Pushed, list[str]]:
        """-> what came of them, and the files that are not any more what they were, and were not pushed whole."""
        read: list[_Read] = []

        def attempt() -> Pushed:
            read.clear()
            return self._pusher.push(self._dumps(files, read))

        pushed = self._persistently(attempt)
        self._taken.update((one.file.path, one.file.state) for one in read)
        self._remembered.add(one.file for one in read if not one.is_dead)
        for one in read:
            for dump_id in one.file.dump_ids:
                _log.debug("dump pushed", dump_id=dump_id, file=one.file.path)
        done = {one.file.path for one in read}
        return pushed, [path for _, path, _ in files if path not in done]

    def _dumps(self, files: Collection[tuple[Inbox, str, State]], read: list[_Read]) -> Iterator[Dump]:
        number = 0
        for inbox, path, state in files:
            place, dump_ids, is_dead = inbox.place(path), list[str](), False
            with closing(dumps_at(place, self._settings.payload_bytes, self._settings.containers)) as dumps:
                for dump in dumps:
                    # Asked after reading: what is still the same now was the same all the while.
                    if state_of(path) != state:
                        break
                    if number % self._settings.queue.task_dumps == 0:
                        self._let_others_be_cleaned()
                    number += 1
                    self._go_on()
                    yield dump
                    dump_ids.append(dump.dump_id)
                    is_dead = is_dead or dump.fault is not None
                else:
                    read.append(_Read(Taken(path, state, tuple(dump_ids)), is_dead))

    def _let_others_be_cleaned(self) -> None:
        limit = self._settings.queue.backlog
        while self._is_backlog_over():
            if not self._is_waiting:
                _log.warning("waiting", error=f"more than {limit} dumps wait to be cleaned (queue.backlog)")
            self._is_waiting = True
            self._stopping.wait(_PAUSE)
            self._go_on()
        if self._is_waiting:
            _log.info("going on")
        self._is_waiting = False

    def _is_backlog_over(self) -> bool:
        with reading(self._engine) as connection:
            return is_backlog_over(connection, self._settings.queue.backlog)

    def _persistently(self, attempt: Callable[[], T]) -> T:
        """What `attempt` returns, however long that takes; a store that is away is told of twice a minute."""
        while True:
            try:
                return patiently(attempt, stopping=self._stopping.is_set)
            except Unavailable:
                self._go_on()

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise Stopped

    def _kept(self, folder: str) -> dict[str, State]:
        """Those of the remembered files all of whose dumps this store knows: it may be another store."""
        below = self._remembered.below(folder)
        files = {one.path: one.state for one in below}
        pairs = ((one.path, dump_id) for one in below for dump_id in one.dump_ids)
        with reading(self._engine) as connection:
            while some := list(islice(pairs, MAX_BINDS)):
                known = ledger.standings(connection, [dump_id for _, dump_id in some])
                for path, dump_id in some:
                    if dump_id not in known:
                        files.pop(path, None)
        return files
