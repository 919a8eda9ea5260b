"""Who may make the next request to a host: one crawler of all that share a broker, or of this process."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any, Protocol

from ingest.running import redis_url
from ingest.telemetry.logs import logger

LONGEST_LEAVE = 86_400.0  # seconds that a host is left alone at most, whatever it asks for
_AWAY = 1.0  # seconds after which a broker that is away is asked again

# KEYS: the lease, the wish to be left alone.  ARGV: token, milliseconds.
# -> 0 and it is ours, the milliseconds that it is another's, or minus those that the host is to be left alone.
_TAKE = """
local alone = redis.call('PTTL', KEYS[2])
if alone > 0 then return -alone end
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
return math.max(redis.call('PTTL', KEYS[1]), 1)
"""
# Who lost it (it was slower than it said) changes nothing.
_KEEP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if tonumber(ARGV[2]) < 1 then return redis.call('DEL', KEYS[1]) end
return redis.call('SET', KEYS[1], 'pause', 'PX', ARGV[2])
"""
# A pause that has ended already is begun, unless the next request is under way: its own end will have it.
_PROLONG = """
local held = redis.call('GET', KEYS[1])
if held and held ~= 'pause' or redis.call('PTTL', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
return redis.call('SET', KEYS[1], 'pause', 'PX', ARGV[1])
"""

_log = logger(__name__)


class LeftAlone(Exception):
    """The host asked to be left alone (Retry-After), for so many seconds more."""

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__(f"{host} asked to be left alone, for {seconds:.0f} seconds more")


class Leases(Protocol):
    """A lease is a crawler's for a request, and nobody's for the pause after it."""

    async def take(self, host: str, token: str, seconds: float) -> float:
        """-> 0 where it is ours for so long, else seconds after which to ask again.  Raises LeftAlone."""

    async def keep(self, host: str, token: str, seconds: float) -> None:
        """Nobody's for so long, then anybody's."""

    async def prolong(self, host: str, seconds: float) -> None:
        """The pause that is now ends no earlier than in so many seconds."""

    async def leave_alone(self, host: str, seconds: float) -> None:
        """Nobody is to take it for so long."""

    async def close(self) -> None: ...


class OwnLeases:
    """Of a crawler without a broker: of this process alone."""

    def __init__(self) -> None:
        self._until: dict[str, tuple[float, str]] = {}
        self._alone: dict[str, float] = {}

    async def take(self, host: str, token: str, seconds: float) -> float:
        now = time.monotonic()
        if self._alone.get(host, 0.0) > now:
            raise LeftAlone(host, self._alone[host] - now)
        until, _ = self._until.get(host, (0.0, ""))
        if until > now:
            return until - now
        self._until[host] = now + seconds, token
        return 0.0

    async def keep(self, host: str, token: str, seconds: float) -> None:
        if self._until.get(host, (0.0, ""))[1] == token:
            self._until[host] = time.monotonic() + seconds, ""

    async def prolong(self, host: str, seconds: float) -> None:
        now = time.monotonic()
        until, token = self._until.get(host, (0.0, ""))
        if until <= now or not token:
            self._until[host] = max(until, now + seconds), ""

    async def leave_alone(self, host: str, seconds: float) -> None:
        self._alone[host] = time.monotonic() + min(seconds, LONGEST_LEAVE)

    async def close(self) -> None:
        self._until.clear()


class SharedLeases:
    """Of all crawlers that share a broker.  While it is away nobody gets one."""

    def __init__(self, broker: str) -> None:
        from redis import RedisError
        from redis import asyncio as redis

        url = redis_url(broker)
        self._client: Any = redis.Redis.from_url(url, socket_timeout=10.0, socket_connect_timeout=4.0)
        self._take = self._client.register_script(_TAKE)
        self._keep = self._client.register_script(_KEEP)
        self._prolong = self._client.register_script(_PROLONG)
        self._lost = suppress(
            RedisError
        )  # then the lease ends by itself, when its request would have at the latest
        self._errors, self._is_away = RedisError, False

    async def take(self, host: str, token: str, seconds: float) -> float:
        try:
            wait = float(await self._take([_lease(host), _alone(host)], [token, _milliseconds(seconds)]))
        except self._errors as error:
            if not self._is_away:
                _log.warning("the broker is away: requests wait for it", error=type(error).__name__)
            self._is_away = True
            return _AWAY
        self._is_away = False
        if wait < 0:
            raise LeftAlone(host, -wait / 1000)
        return wait / 1000

    async def keep(self, host: str, token: str, seconds: float) -> None:
        with self._lost:
            await self._keep([_lease(host)], [token, _milliseconds(seconds)])

    async def prolong(self, host: str, seconds: float) -> None:
        with self._lost:
            await self._prolong([_lease(host)], [_milliseconds(seconds)])

    async def leave_alone(self, host: str, seconds: float) -> None:
        with self._lost:
            await self._client.set(_alone(host), 1, px=_milliseconds(min(seconds, LONGEST_LEAVE)))

    async def close(self) -> None:
        await self._client.aclose()


def _lease(host: str) -> str:
    return f"ingest:host:{host}"


def _alone(host: str) -> str:
    return f"ingest:alone:{host}"


def _milliseconds(seconds: float) -> int:
    return -int(-seconds * 1000 // 1)
