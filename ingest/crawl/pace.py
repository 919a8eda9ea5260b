"""One request to a host at a time, and a pause after each; between all crawlers that share a broker.

A host is leased for a request, and the lease is kept for the length of the pause when the response is there.  So
two requests are never nearer than the pause, whoever makes them, and whatever they take.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

_AGAIN = 0.02  # seconds that are waited at least before the lease is asked for again

# KEYS: the lease.  ARGV: token, milliseconds.  -> 0 and it is ours, or the milliseconds that it is another's.
_TAKE = """
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
return math.max(redis.call('PTTL', KEYS[1]), 1)
"""
# Who lost it (it was slower than it said) changes nothing.
_KEEP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if tonumber(ARGV[2]) < 1 then return redis.call('DEL', KEYS[1]) end
return redis.call('SET', KEYS[1], 'pause', 'PX', ARGV[2])
"""


class Leases(Protocol):
    """Who may make the next request to a host."""

    async def take(self, host: str, token: str, seconds: float) -> float:
        """-> 0 where it is ours for so long, else seconds after which to ask again."""

    async def keep(self, host: str, token: str, seconds: float) -> None:
        """Nobody's for so long, then anybody's."""

    async def close(self) -> None: ...


class OwnLeases:
    """Of a crawler without a broker: of this process alone."""

    def __init__(self) -> None:
        self._until: dict[str, tuple[float, str]] = {}

    async def take(self, host: str, token: str, seconds: float) -> float:
        now = time.monotonic()
        until, _ = self._until.get(host, (0.0, ""))
        if until > now:
            return until - now
        self._until[host] = now + seconds, token
        return 0.0

    async def keep(self, host: str, token: str, seconds: float) -> None:
        if self._until.get(host, (0.0, ""))[1] == token:
            self._until[host] = time.monotonic() + seconds, ""

    async def close(self) -> None:
        self._until.clear()


class SharedLeases:
    """Of all crawlers that share a broker.  Raises redis' errors where it is away."""

    def __init__(self, broker: str) -> None:
        from redis import asyncio as redis

        url = broker.replace("redis+socket://", "unix://", 1)
        self._client: Any = redis.Redis.from_url(url, socket_timeout=10.0, socket_connect_timeout=4.0)
        self._take = self._client.register_script(_TAKE)
        self._keep = self._client.register_script(_KEEP)

    async def take(self, host: str, token: str, seconds: float) -> float:
        return float(await self._take([_key(host)], [token, _milliseconds(seconds)])) / 1000

    async def keep(self, host: str, token: str, seconds: float) -> None:
        await self._keep([_key(host)], [token, _milliseconds(seconds)])

    async def close(self) -> None:
        await self._client.aclose()


class Pace:
    """The turns of one process; hosts may ask for longer pauses than their sources say."""

    def __init__(self, leases: Leases, longest: float) -> None:
        """`longest`: seconds that a request takes at most; a lease whose process died ends then."""
        self._leases, self._longest = leases, longest
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._pauses: dict[str, float] = {}  # asked for once, after the response that is there
        self._delays: dict[str, float] = {}  # Crawl-delay

    def slow_down(self, host: str, delay: float) -> None:
        """The host asks for so many seconds between requests (robots.txt)."""
        self._delays[host] = max(delay, self._delays.get(host, 0.0))

    def pause(self, host: str, seconds: float) -> None:
        """The host asks to be left alone for so long (Retry-After), from the end of its turn."""
        self._pauses[host] = max(seconds, self._pauses.get(host, 0.0))

    @asynccontextmanager
    async def turn(self, host: str, delay: float) -> AsyncIterator[None]:
        """The right to make one request to the host.  `delay`: seconds after it."""
        async with self._turns[host]:
            token = secrets.token_hex(8)
            while wait := await self._leases.take(host, token, self._longest):
                await asyncio.sleep(max(wait, _AGAIN))
            try:
                yield
            finally:
                pause = max(delay, self._delays.get(host, 0.0), self._pauses.pop(host, 0.0))
                await self._leases.keep(host, token, pause)

    async def close(self) -> None:
        await self._leases.close()


def _key(host: str) -> str:
    return f"ingest:host:{host}"


def _milliseconds(seconds: float) -> int:
    return -int(-seconds * 1000 // 1)
