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
    """The worker is to stop: the dump in work was dropped, through no fault of its own."""


class Bench:
    """Cleans dumps one by one, in a process beside this one.

    A dump that kills that process, hangs or eats the memory costs itself alone, and it is known which one
    it was; the worker process, with its claims and finished results, stays.
    """

    def __init__(self, settings: Settings, stopping: Callable[[], bool] = lambda: False) -> None:
        self._settings = settings
        self._stopping = stopping
        self._pool = self._new()

    def clean(self, dump: Dump, site: Site | None = None) -> Outcome:
        """`site`: what is known of its source.  Raises CalledOff when the worker is to stop, Unavailable where no process can be started."""
        began = time.perf_counter()
        outcome = self._outcome_of(dump, site)
        seconds = time.perf_counter() - began
        counts.CLEAN.observe(seconds)
        _log.debug("dump cleaned", dump_id=dump.dump_id, seconds=round(seconds, 3))
        return outcome

    def rest(self) -> None:
        """Between two tasks: replace a process that has grown large."""
        if self._pool.held() > self._settings.queue.memory_bytes / 2:
            self._renew()
        self._pool.grow(1)

    def close(self) -> None:
        self._pool.close()

    def _outcome_of(self, dump: Dump, site: Site | None) -> Outcome:
        while not self._pool.idle:
            self._pool.grow(1)
            self._pool.take(_LOOK)
            self._look(dump)
        self._pool.give(dump, site)
        while True:
            for _, outcome in self._pool.take(_LOOK):
                if isinstance(outcome, Lost):
                    counts.LOST.labels(outcome.reason).inc()
                return outcome
            if lost := self._look(dump):
                counts.LOST.labels("memory").inc()
                return lost

    def _look(self, dump: Dump) -> Lost | None:
        if self._stopping():
            self._renew()
            raise CalledOff
        limit = self._settings.queue.memory_bytes
        if self._pool.busy and self._pool.held() > limit:
            self._renew()
            return Lost("crashed", f"its cleaning took more than {limit} bytes of memory")
        return None

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


def _resident_bytes(pid: int | None) -> int:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
