"""Keeping children running, and stopping them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from ingest.errors import IngestError, Unavailable
from ingest.up.log import Log, log_name
from ingest.up.process import Process, how

_LOOK = 0.05  # seconds between two looks at whether a child is ready
_SLOW = 120.0  # seconds after which a child that is not ready will never be


class GivenUp(Unavailable):
    """A child ended again and again.  Without it the service is none, though the rest of it would still run."""


@dataclass(frozen=True, slots=True)
class Restarts:
    """When a child that ended is started again, and when it is not."""

    # Seconds until then, longer with each end in a row; after one more it is given up.  What passes by itself, as a
    # neighbour's restart, passes meanwhile; what does not is for people, who see a service that ends and overlook
    # one that spins.
    pauses: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0)
    steady: float = 60.0  # seconds; who ran for so long has not ended in a row


@dataclass(frozen=True, slots=True)
class Child:
    """What is to run; its name is what the log says."""

    name: str
    command: tuple[str, ...]
    before: Callable[[], object] = lambda: None  # to be done before each start
    is_ready: Callable[[], bool] = lambda: True  # asked again and again; quick
    once: bool = False  # it does its work and ends
    patience: float = 10.0  # seconds that it may take to stop
    address: str = ""  # of what it serves, for people


class Supervisor:
    """Starts children in an event loop, starts them again when they die, and stops them.

    `end` is the service's: it raises GivenUp where a child cannot be kept running.
    """

    def __init__(
        self,
        log: Log,
        env: Mapping[str, str],
        lock: int,
        end: asyncio.Future[int],
        restarts: Restarts = Restarts(),
    ) -> None:
        self._log, self._env, self._lock, self._end, self._restarts = log, env, lock, end, restarts
        self._children: dict[str, Child] = {}
        self._processes: dict[str, Process] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ready: set[str] = set()

    async def start(self, *children: Child) -> None:
        """Start them all and wait until they are ready.  Raises Unavailable where one is not in time."""
        for child in children:
            self._children[child.name] = child
            self._tasks[child.name] = asyncio.create_task(self._keep(child))
            self._tasks[child.name].add_done_callback(self._on_given_up)
        await asyncio.gather(*map(self._become_ready, children))

    async def stop(self, *names: str) -> None:
        """Stop those of the children that were started; at the same time, and whatever it takes."""
        going = {name: task for name, task in self._tasks.items() if name in names}
        for name, task in going.items():
            task.cancel()
            if name in self._processes:
                self._processes[name].terminate()
        await asyncio.gather(*(self._have_ended(name) for name in going))

    def kill(self) -> None:
        """End all children at once."""
        for process in self._processes.values():
            process.kill()

    async def _have_ended(self, name: str) -> None:
        process = self._processes.get(name)
        if process is None:
            return
        done, _ = await asyncio.wait([process.ended], timeout=self._children[name].patience)
        if not done:
            self._log.say("up", f"{name} does not stop: it is killed")
            process.kill()
            await process.ended

    async def _keep(self, child: Child) -> None:
        ends = 0  # in a row
        while True:
            began = time.monotonic()
            what = await self._run(child)
            if child.once:
                return
            if child.name not in self._ready:
                raise Unavailable(f"{child.name} {what} before it was ready: its lines above say why")
            ends = 1 if time.monotonic() - began > self._restarts.steady else ends + 1
            if ends > len(self._restarts.pauses):
                raise GivenUp(
                    f"{child.name} {what}, the {ends}th time in a row: it is given up, and the service with it; "
                    f"its last lines are above, behind {log_name(child.name)!r}"
                )
            seconds = self._restarts.pauses[ends - 1]
            self._log.say("up", f"{child.name} {what}: it is started again in {seconds:g} s")
            await asyncio.sleep(seconds)

    async def _run(self, child: Child) -> str:
        """-> how it ended, or why it could not begin."""
        try:
            child.before()
            say = partial(self._log.say, child.name)
            process = self._processes[child.name] = Process(child.command, self._env, self._lock, say)
        except IngestError as error:
            if child.name not in self._ready:
                raise
            return f"could not be started ({error})"
        return how(await asyncio.shield(process.ended))

    async def _become_ready(self, child: Child) -> None:
        until = time.monotonic() + _SLOW
        while not child.is_ready():
            if time.monotonic() > until:
                raise Unavailable(f"{child.name} was not ready after {_SLOW:g} seconds")
            await asyncio.sleep(_LOOK)
        self._ready.add(child.name)

    def _on_given_up(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) and not self._end.done():
            self._end.set_exception(error)
