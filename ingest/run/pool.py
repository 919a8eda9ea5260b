"""Processes that clean, and that may die at it.

Not concurrent.futures: there, one killed process breaks the whole pool, and nobody knows which dump it
was at.  Here each process has a pipe of its own and answers its dumps in their order, so a crash or a hang
costs the one that it was at, the first that it has not answered.  A small dump is given ahead: it waits in
the pipe, so that the process need not wait for it.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
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
_BUFFER = 200_000  # bytes that a pipe is asked to hold while nobody reads it
_HELD = 4  # the system counts more than the bytes: a message of so small a part of the buffer never waits
_BESIDE = 2_000  # bytes of a dump's message besides its payload and its names
_AHEAD = 16  # dumps that wait in one pipe at most
# Seconds that a process has enough to do for, with more than half of that.  To be told of each of many quick answers
# costs more than the answer.
_NAP = 0.002


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
    room: int  # bytes that the pipe takes though the process is busy
    ready: bool = False
    dumps: deque[tuple[Dump, Site | None]] = field(default_factory=deque)  # not answered: it is at the first
    ahead: int = 0  # bytes of the others
    site: Site | None = None  # what it was told last
    until: float = 0.0  # monotonic seconds: when its time for the first of them is over

    def takes(self, dump: Dump, site: Site | None) -> bool:
        """Whether it can have this dump now: at once, or ahead."""
        if not self.ready or len(self.dumps) > _AHEAD:
            return False
        return not self.dumps or (self.ahead + _bytes_of(dump) <= self.room and site == self.site)

    @property
    def is_well_supplied(self) -> bool:
        return len(self.dumps) > _AHEAD // 2

    def line_up(self, dump: Dump, site: Site | None, time_limit: float) -> None:
        if self.dumps:
            self.ahead += _bytes_of(dump)
        else:
            self.until = time.monotonic() + time_limit
        self.dumps.append((dump, site))

    def answered(self, time_limit: float) -> Dump:
        """-> the dump that it was at; it is at the next from now on."""
        dump, _ = self.dumps.popleft()
        if self.dumps:
            self.ahead -= _bytes_of(self.dumps[0][0])
        self.until = time.monotonic() + time_limit
        return dump


class Pool:
    """At most `size` processes, started as dumps come.  `cleaner` is "module:function", with the signature of
    `ingest.clean`.  A dump has `time_limit` seconds, counted from when its process can be at it.  A context manager
    that leaves no process behind.
    """

    def __init__(self, size: int, cleaner: str, settings: Cleaning, time_limit: float) -> None:
        self._size = size
        self._cleaner = cleaner
        self._settings = settings
        self._time_limit = time_limit
        self._workers: list[_Worker] = []
        self._again: deque[tuple[Dump, Site | None]] = deque()  # were given ahead to a process that ended

    @property
    def busy(self) -> int:
        """Dumps in work, or given ahead."""
        return len(self._again) + sum(len(worker.dumps) for worker in self._workers)

    def grow(self, dumps: int) -> None:
        """Have as many processes as this number of dumps can use."""
        while len(self._workers) < min(self._size, dumps):
            self._workers.append(self._start())

    def takes(self, dump: Dump, site: Site | None = None) -> bool:
        """Whether a process can have this dump now."""
        return not self._again and any(worker.takes(dump, site) for worker in self._workers)

    def give(self, dump: Dump, site: Site | None = None) -> None:
        """Hand over a dump that is taken (`takes`); what is known of its source goes before it, where that is news."""
        taking = (worker for worker in self._workers if worker.takes(dump, site))
        worker = min(taking, key=lambda worker: len(worker.dumps))
        worker.line_up(dump, site, self._time_limit)
        with suppress(OSError):  # it died: `take` finds the closed pipe
            # Plain data: what `pipe.send` does besides costs as much again.
            if site != worker.site:
                worker.site = site
                worker.pipe.send_bytes(pickle.dumps(site or Site()))
            worker.pipe.send_bytes(pickle.dumps(dump))

    def take(self, seconds: float) -> list[tuple[str, Outcome]]:
        """Results that are there, after at most `seconds`: as soon as one is, or a process got ready."""
        self._give_again()
        if self._workers and all(worker.is_well_supplied for worker in self._workers):
            time.sleep(min(_NAP, seconds))
        now = time.monotonic()
        ends = [worker.until for worker in self._workers if worker.dumps]
        pipes = {worker.pipe: worker for worker in self._workers}
        results: list[tuple[str, Outcome]] = []
        for pipe in wait(pipes, max(0.0, min([seconds, *(end - now for end in ends)]))):
            results += self._hear(pipes[pipe])  # type: ignore[index]
        now = time.monotonic()
        for worker in [w for w in self._workers if w.dumps and w.until <= now]:
            if not worker.pipe.poll():
                message = (
                    f"took more than {self._time_limit:g} seconds: raise time_limit if that is normal for it"
                )
                self._end(worker)
                results += self._lost_with(worker, Lost("timeout", message))
        self._give_again()
        return results

    def close(self) -> None:
        """End every process at once; dumps in work are lost."""
        self._again.clear()
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

    def _give_again(self) -> None:
        while self._again and any(worker.takes(*self._again[0]) for worker in self._workers):
            self.give(*self._again.popleft())

    def _hear(self, worker: _Worker) -> list[tuple[str, Outcome]]:
        """All that it has said."""
        heard = self._hear_one(worker)
        while worker.dumps and worker in self._workers and worker.pipe.poll():
            heard += self._hear_one(worker)
        return heard

    def _hear_one(self, worker: _Worker) -> list[tuple[str, Outcome]]:
        try:
            said = worker.pipe.recv()
        except (EOFError, OSError):
            return self._died(worker)
        if isinstance(said, Broken):
            raise Unavailable(f"the cleaning process does not start:\n{said.traceback}")
        if isinstance(said, Ready):
            worker.ready = True
            return []
        return [(worker.answered(self._time_limit).dump_id, said)]

    def _died(self, worker: _Worker) -> list[tuple[str, Outcome]]:
        self._end(worker)
        code = worker.process.exitcode or 0
        how = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        if not worker.ready:
            raise Unavailable(f"the cleaning process ended {how} before its first dump")
        return self._lost_with(worker, Lost("crashed", f"the process that cleaned it ended {how}"))

    def _lost_with(self, worker: _Worker, lost: Lost) -> list[tuple[str, Outcome]]:
        """Of a process that was ended: the dump that it was at is lost, one that it had ahead goes to another."""
        if not worker.dumps:
            return []
        dump, _ = worker.dumps.popleft()
        self._again += worker.dumps
        return [(dump.dump_id, lost)]

    def _start(self) -> _Worker:
        ours, theirs = _CONTEXT.Pipe()
        arguments = theirs, self._cleaner, self._settings, self._time_limit
        process = _CONTEXT.Process(target=work, args=arguments, daemon=True)
        with _deaf_to_interrupts(), _one_thread():
            process.start()
        theirs.close()  # else its end would never be seen as closed
        return _Worker(process, ours, _room_of(ours))

    def _end(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.pipe.close()  # it ends by itself, if it can
        worker.process.join(0.0 if worker.dumps and worker.until <= time.monotonic() else _PATIENCE)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()


def _bytes_of(dump: Dump) -> int:
    """At most, as a message."""
    if dump.corrections:  # which may be of any number: they are given to who waits for them
        return sys.maxsize
    names = sum(len(name or "") for name in (dump.url, dump.name, dump.source))
    return len(dump.payload or b"") + 4 * names + _BESIDE


def _room_of(pipe: Connection) -> int:
    """Bytes that can be sent into a pipe at whose other end nobody reads."""
    if os.name != "posix":
        return 0
    with socket.socket(fileno=os.dup(pipe.fileno())) as end:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        return end.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) // _HELD


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
