"""The near-copy index that the settings name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from ingest.errors import UsageError
from ingest.index.protocol import PostingLists
from ingest.index.sketch import ALGORITHM
from ingest.index.sql import SqlIndex
from ingest.running import redis_url
from ingest.settings import Settings
from ingest.store import rareshingles

if TYPE_CHECKING:
    from redis import Redis

    from ingest.index.redislists import RedisLists


def index_on(connection: Connection, settings: Settings) -> SqlIndex:
    """An index in the caller's transaction."""
    lists: PostingLists | None = None
    if settings.near_copies.lists == "broker":
        lists = redis_lists_on(connection, settings)
    return SqlIndex(connection, settings.near_copies, lists)


def rebuild_lists(connection: Connection, settings: Settings) -> int:
    """Make anew who holds which shingle, from the sketches in the store.  -> documents.  Call it `in_turn`."""
    if settings.near_copies.lists == "broker":
        return redis_lists_on(connection, settings).rebuild()
    minimum = settings.near_copies.minimum_shingles
    return rareshingles.rebuild(connection, algorithm=ALGORITHM, minimum_shingles=minimum)


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

    found: Redis = Redis.from_url(redis_url(url), socket_timeout=60.0, socket_connect_timeout=4.0)
    return found
