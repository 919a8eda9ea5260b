"""The near-copy index that the settings name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from ingest.errors import UsageError
from ingest.index.protocol import PostingLists
from ingest.index.sql import SqlIndex
from ingest.settings import Settings

if TYPE_CHECKING:
    from redis import Redis

    from ingest.index.redislists import RedisLists


def index_on(connection: Connection, settings: Settings) -> SqlIndex:
    """An index in the caller's transaction."""
    lists: PostingLists | None = None
    if settings.near_copies.lists == "broker":
        lists = redis_lists_on(connection, settings)
    return SqlIndex(connection, settings.near_copies, lists)


def redis_lists_on(connection: Connection, settings: Settings) -> RedisLists:
    """Raises UsageError where no broker is set."""
    if not settings.broker:
        raise UsageError('near_copies.lists is "broker", and none is set: give --broker, or write "store"')
    from ingest.index.redislists import RedisLists

    return RedisLists(_client(settings.broker), connection, settings.near_copies)


@cache
def _client(url: str) -> Redis:
    """One pool of connections a process."""
    from redis import Redis

    where = url.replace("redis+socket://", "unix://", 1)
    found: Redis = Redis.from_url(where, socket_timeout=60.0, socket_connect_timeout=4.0)
    return found
