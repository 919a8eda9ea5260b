"""One request to a host at a time, and a pause after each; between all crawlers that share a broker.

A host is leased for a request, and the lease is kept for the length of the pause when the response is there.  So
two requests are never nearer than the pause, whoever makes them, and whatever they take.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from ingest.crawl.leases import LONGEST_LEAVE, Leases

_AGAIN = 0.02  # seconds that are waited at least before the lease is asked for again
_LOOK = 0.5  # and at most, for who waits may be told to give up


class NoTurn(Exception):
    """The request is not to be made any more."""


class Pace:
    """The turns of one process; hosts may ask for longer pauses than their sources say."""

    def __init__(self, leases: Leases, longest: float) -> None:
        """`longest`: seconds that a request takes at most; a lease whose process died ends then."""
        self._leases, self._longest = leases, longest
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._pauses: dict[str, float] = {}  # asked for once, after the response that is there
        self._delays: dict[str, float] = {}  # Crawl-delay

    async def slow_down(self, host: str, delay: float) -> None:
        """The host asks for so many seconds between requests, as the response says that is just there (robots.txt)."""
        self._delays[host] = max(min(delay, LONGEST_LEAVE), self._delays.get(host, 0.0))
        await self._leases.prolong(host, self._delays[host])

    def pause(self, host: str, seconds: float) -> None:
        """The host asks for a pause (Retry-After), from the end of its turn."""
        self._pauses[host] = max(seconds, self._pauses.get(host, 0.0))

    async def leave_alone(self, host: str, seconds: float) -> None:
        """The host asks for a longer pause than we wait: nobody is to make a request until then."""
        await self._leases.leave_alone(host, seconds)

    @asynccontextmanager
    async def turn(
        self,
        host: str,
        delay: float,
        gives_up: Callable[[float], bool] = lambda wait: False,
        ready: Callable[[], Awaitable[None]] | None = None,
    ) -> AsyncIterator[None]:
        """The right to make one request to the host.  `delay`: seconds after it.  `ready`: what to wait for when all
        requests of this process before it have had their turns.

        Raises NoTurn where `gives_up`, asked with the seconds that are still to be waited, says so; LeftAlone
        where the host asked for that.
        """
        async with self._turns[host]:
            if ready:  # and no lease is held meanwhile
                await ready()
            token, wait = secrets.token_hex(8), 0.0
            while True:
                if gives_up(wait):
                    raise NoTurn(f"the crawl ends before {host} may be asked again")
                wait = await self._leases.take(host, token, self._longest)
                if not wait:
                    break
                await asyncio.sleep(min(max(wait, _AGAIN), _LOOK))
            try:
                yield
            finally:
                pause = max(delay, self._delays.get(host, 0.0), self._pauses.pop(host, 0.0))
                await self._leases.keep(host, token, pause)

    async def close(self) -> None:
        await self._leases.close()
