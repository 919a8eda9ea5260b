"""The one process in which a worker process has its dumps cleaned."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from ingest.model import Dump, Site
from ingest.run.pool import Lost, Outcome, Pool
from ingest.settings import Settings
from ingest.telemetry import counts
from ingest.telemetry.logs import logger

_LOOK = 0.2  # seconds between two looks at the memory of a process at work, and at whether to stop

_log = logger(__name__)


class CalledOff(Exception):
    """The worker is to stop: the dumps in hand were dropped, through no fault of their own."""


class Bench:
    """Cleans dumps one after the other, in a process beside this one.

    A dump that kills that process, hangs or eats the memory costs itself alone, and it is known which one
    it was; the worker process, with its claims and finished results, stays.
    """

    def __init__(self, settings: Settings, stopping: Callable[[], bool] = lambda: False) -> None:
        self._settings = settings
        self._stopping = stopping
        self._pool = self._new()
        self._began = 0.0  # when the dump in work was begun, or heard of last

    @property
    def busy(self) -> int:
        """Dumps in hand: the one in work, and those that were given ahead."""
        return self._pool.busy

    def takes(self, dump: Dump, site: Site | None = None) -> bool:
        """Whether it can have this dump now; else `take` first."""
        return self._pool.takes(dump, site)

    def give(self, dump: Dump, site: Site | None = None) -> None:
        """`site`: what is known of its source."""
        if not self.busy:
            self._began = time.perf_counter()
        self._pool.give(dump, site)

    def take(self) -> list[tuple[str, Outcome]]:
        """What became of dumps in hand, by their ids, in the order in which they were given; after a moment, if
        nothing did.  Raises CalledOff when the worker is to stop, Unavailable where no process can be started.
        """
        self._pool.grow(1)
        outcomes = self._pool.take(_LOOK)
        for _, outcome in outcomes:
            if isinstance(outcome, Lost):
                counts.LOST.labels(outcome.reason).inc()
        outcomes = outcomes or self._look()
        if outcomes:
            now = time.perf_counter()
            seconds, self._began = (now - self._began) / len(outcomes), now
        for dump_id, _ in outcomes:
            counts.CLEAN.observe(seconds)
            _log.debug("dump cleaned", dump_id=dump_id, seconds=round(seconds, 3))
        return outcomes

    def clean(self, dump: Dump, site: Site | None = None) -> Outcome:
        """One dump, while none is in hand.  Raises as `take` does."""
        while not self.takes(dump, site):
            self.take()
        self.give(dump, site)
        while not (outcomes := self.take()):
            pass
        [(_, outcome)] = outcomes
        return outcome

    def drop(self) -> None:
        """Forget the dumps in hand."""
        if self.busy:
            self._renew()

    def rest(self) -> None:
        """Between two tasks: replace a process that has grown large, and have one ready for the next, if one will come."""
        if self._pool.held() > self._settings.queue.memory_bytes / 2:
            self._renew()
        if not self._stopping():
            self._pool.grow(1)

    def close(self) -> None:
        self._pool.close()

    def _look(self) -> list[tuple[str, Outcome]]:
        if self._stopping():
            self._renew()
            raise CalledOff
        limit = self._settings.queue.memory_bytes
        if not self.busy or self._pool.held() <= limit:
            return []
        counts.LOST.labels("memory").inc()
        return self._pool.condemn(f"its cleaning took more than {limit} bytes of memory")

    def _renew(self) -> None:
        self._pool.close()
        self._pool = self._new()

    def _new(self) -> _Measured:
        settings = self._settings
        return _Measured(1, settings.queue.cleaner, settings.cleaning, settings.time_limit)


class _Measured(Pool):
    """A pool that knows how much memory its processes hold."""

    def held(self) -> int:
        """Bytes; 0 where the system does not say (no /proc)."""
        return sum(_resident_bytes(worker.process.pid) for worker in self._workers)

    def condemn(self, message: str) -> list[tuple[str, Outcome]]:
        """End all processes.  -> the dumps that they were at; others in hand go to the next ones."""
        lost = list[tuple[str, Outcome]]()
        for worker in list(self._workers):
            worker.process.kill()
            self._end(worker)
            lost += self._lost_with(worker, Lost("crashed", message))
        return lost


def _resident_bytes(pid: int | None) -> int:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
