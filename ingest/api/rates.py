"""How often each token and each address may ask: a token bucket for each, in the broker, so all API processes share it.

The bucket is kept as one time, when it would be full again (the generic cell rate algorithm, GCRA, of ATM networks:
https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm).  It is read and written in one script, so nobody gets
between.  While the broker is away nothing is counted: to be reachable matters more.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import Any

from redis import asyncio as redis
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.api.problems import RATE, Problem, answer
from ingest.running import redis_url
from ingest.settings import Api
from ingest.store.tokens import hash_of

_PATIENCE = 0.5  # seconds for the broker's answer; who has none passes
_MINUTE = 60_000_000  # microseconds
_SPARED = frozenset(
    {"/healthz", "/readyz", "/metrics"}
)  # supervisors and scrapers come as often as they like

# KEYS: buckets.  ARGV: how much each holds, which is also what flows in within a minute.  -> microseconds to wait;
# 0: it was taken from all of them.  In whole numbers: Lua's own write 17 digits wrongly.
_TAKE = f"""
local time = redis.call('TIME')
local now, wait, full = time[1] * 1000000 + time[2], 0, {{}}
for n, key in ipairs(KEYS) do
    local each = {_MINUTE} / ARGV[n]
    full[n] = math.max(tonumber(redis.call('GET', key) or 0), now) + each
    wait = math.max(wait, full[n] - now - {_MINUTE})
end
if wait > 0 then return math.ceil(wait) end
for n, key in ipairs(KEYS) do
    redis.call('SET', key, string.format('%.0f', full[n]), 'PX', math.ceil((full[n] - now) / 1000))
end
return 0
"""

_log = logging.getLogger(__name__)


class Rates:
    """The buckets of one API process' callers.  Close it."""

    def __init__(self, broker: str, settings: Api) -> None:
        url = redis_url(broker)
        self._client: Any = redis.Redis.from_url(
            url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE
        )
        self._take = self._client.register_script(_TAKE)
        self._settings = settings
        self._is_away = False

    async def wait_of(self, address: str, token: str | None) -> int:
        """Seconds until this request may come; 0: now, and it is counted."""
        buckets = [
            (f"ingest:rate:{name}", most)
            for name, most in (
                (f"address:{address}", self._settings.address_requests),
                (f"token:{hash_of(token)[:32]}" if token else "", self._settings.token_requests),
            )
            if name and most
        ]
        return await self._asked(buckets) if buckets else 0

    async def close(self) -> None:
        await self._client.aclose()

    async def _asked(self, buckets: Sequence[tuple[str, int]]) -> int:
        try:
            wait = int(await self._take([key for key, _ in buckets], [most for _, most in buckets]))
        except (RedisError, OSError) as error:
            if not self._is_away:  # once, not for every request
                _log.warning("requests are not counted: the broker does not answer: %s", error)
            self._is_away = True
            return 0
        self._is_away = False
        return math.ceil(wait / 1_000_000)


class Limited:
    """The application, for those who do not ask too often."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _SPARED:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        address = request.client.host if request.client else ""
        rates: Rates = scope["app"].state.service.rates
        seconds = await rates.wait_of(address, token.strip() if scheme.lower() == "bearer" else None)
        if not seconds:
            await self._app(scope, receive, send)
            return
        detail = f"too many requests by this token or from this address: go on in {seconds} s"
        refused = answer(request, Problem(RATE, detail, {"Retry-After": str(seconds)}))
        await refused(scope, receive, send)
