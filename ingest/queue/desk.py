"""Cleaning for somebody who waits for the answer: one dump at a time, in a process beside this one."""

from __future__ import annotations

import threading

from ingest.errors import Unavailable
from ingest.model import Dump, Site
from ingest.queue.bench import Bench, CalledOff
from ingest.run.pool import Outcome
from ingest.settings import Settings


class Desk:
    """Starts its process with the first dump.  Threads take turns; who would wait for too long is sent away."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._bench: Bench | None = None
        self._closing = False

    def clean(self, dump: Dump, site: Site | None = None) -> Outcome:
        """What became of it: nothing is stored.  Raises Unavailable where too many wait, or at the end."""
        if not self._lock.acquire(timeout=self._settings.time_limit):
            raise Unavailable("too many wait for something to be cleaned")
        try:
            if self._closing:
                raise Unavailable("this process ends")
            if self._bench is None:
                self._bench = Bench(self._settings, lambda: self._closing)
            self._bench.rest()
            return self._bench.clean(dump, site)
        except CalledOff as error:
            raise Unavailable("this process ends") from error
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the process; a dump in work is dropped."""
        self._closing = True
        with self._lock:
            if self._bench is not None:
                self._bench.close()
