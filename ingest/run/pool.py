"""Processes that clean, and that may die at it.

Not concurrent.futures: there, one killed process breaks the whole pool, and nobody knows which dump it
was at.  Here each process has one dump at a time and a pipe of its own, so a crash or a hang costs that
process alone, and the blame is exact.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import Literal, Self

from ingest.errors import Unavailable
from ingest.model import Dump, Site
from ingest.run.worker import Broken, Failure, Ready, Success, work
from ingest.settings import Cleaning

# Spawned, not forked: a fork copies locks that other threads hold, and may hang for ever.
_CONTEXT = multiprocessing.get_context("spawn")
_THREADS = "OPENBLAS_NUM_THREADS"  # read by numpy when it is loaded
_PATIENCE = 5.0  # seconds that a process has to end after its pipe closed


@dataclass(frozen=True, slots=True)
class Lost:
    """The process ended, or was ended, before it had a result."""

    reason: Literal["crashed", "timeout"]
    message: str


Outcome = Success | Failure | Lost


@dataclass(slots=True, eq=False)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    ready: bool = False
    dump_id: str | None = None
    site: Site | None = None  # what it was told last
    until: float = 0.0  # monotonic seconds: when its time for this dump is over


class Pool:
    """At most `size` processes, started as dumps come.  `cleaner` is "module:function", with the signature of
    `ingest.clean`.  A dump has `time_limit` seconds, counted from when its process has it.  A context manager
    that leaves no process behind.
    """

    def __init__(self, size: int, cleaner: str, settings: Cleaning, time_limit: float) -> None:
        self._size = size
        self._cleaner = cleaner
        self._settings = settings
        self._time_limit = time_limit
        self._workers: list[_Worker] = []

    @property
    def idle(self) -> int:
        """Processes that wait for a dump."""
        return sum(worker.ready and worker.dump_id is None for worker in self._workers)

    @property
    def busy(self) -> int:
        """Dumps in work."""
        return sum(worker.dump_id is not None for worker in self._workers)

    def grow(self, dumps: int) -> None:
        """Have as many processes as this number of dumps can use."""
        while len(self._workers) < min(self._size, dumps):
            self._workers.append(self._start())

    def give(self, dump: Dump, site: Site | None = None) -> None:
        """Hand a dump to an idle process; what is known of its source goes before it, where that is news."""
        worker = next(w for w in self._workers if w.ready and w.dump_id is None)
        worker.dump_id, worker.until = dump.dump_id, time.monotonic() + self._time_limit
        with suppress(OSError):  # it died while idle: `take` finds the closed pipe
            if site != worker.site:
                worker.site = site
                worker.pipe.send(site or Site())
            worker.pipe.send(dump)

    def take(self, seconds: float) -> list[tuple[str, Outcome]]:
        """Results that are there, after at most `seconds`: as soon as one is, or a process got ready."""
        now = time.monotonic()
        ends = [worker.until for worker in self._workers if worker.dump_id is not None]
        pipes = {worker.pipe: worker for worker in self._workers}
        results: list[tuple[str, Outcome]] = []
        for pipe in wait(pipes, max(0.0, min([seconds, *(end - now for end in ends)]))):
            results += self._hear(pipes[pipe])  # type: ignore[index]
        now = time.monotonic()
        for worker in [w for w in self._workers if w.dump_id is not None and w.until <= now]:
            if worker.dump_id is not None and not worker.pipe.poll():
                self._end(worker)
                message = (
                    f"took more than {self._time_limit:g} seconds: raise time_limit if that is normal for it"
                )
                results.append((worker.dump_id, Lost("timeout", message)))
        return results

    def close(self) -> None:
        """End every process at once; dumps in work are lost."""
        for worker in self._workers:
            worker.process.kill()
        for worker in list(self._workers):
            self._end(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _hear(self, worker: _Worker) -> Iterable[tuple[str, Outcome]]:
        try:
            said = worker.pipe.recv()
        except (EOFError, OSError):
            return self._died(worker)
        if isinstance(said, Broken):
            raise Unavailable(f"the cleaning process does not start:\n{said.traceback}")
        if isinstance(said, Ready):
            worker.ready = True
            return ()
        dump_id, worker.dump_id = worker.dump_id, None
        return [(str(dump_id), said)]

    def _died(self, worker: _Worker) -> Iterable[tuple[str, Outcome]]:
        self._end(worker)
        code = worker.process.exitcode or 0
        how = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        if not worker.ready:
            raise Unavailable(f"the cleaning process ended {how} before its first dump")
        if worker.dump_id is None:
            return ()
        return [(worker.dump_id, Lost("crashed", f"the process that cleaned it ended {how}"))]

    def _start(self) -> _Worker:
        ours, theirs = _CONTEXT.Pipe()
        arguments = theirs, self._cleaner, self._settings, self._time_limit
        process = _CONTEXT.Process(target=work, args=arguments, daemon=True)
        with _deaf_to_interrupts(), _one_thread():
            process.start()
        theirs.close()  # else its end would never be seen as closed
        return _Worker(process, ours)

    def _end(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.pipe.close()  # it ends by itself, if it can
        worker.process.join(0.0 if worker.until and worker.until <= time.monotonic() else _PATIENCE)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Processes started in here do their sums in one thread, unless told otherwise: there is one process a core."""
    if _THREADS in os.environ:
        yield
        return
    os.environ[_THREADS] = "1"
    try:
        yield
    finally:
        del os.environ[_THREADS]


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes started in here never see Ctrl-C, which a terminal sends to all: the parent alone answers it.

    A blocked signal stays blocked in the child, from its first instruction on.
    """
    if os.name != "posix":
        yield
        return
    resource_tracker.ensure_running()  # starting it unblocks the signal: so first
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
