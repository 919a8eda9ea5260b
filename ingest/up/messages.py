"""What the broker holds: who reads it, what was delivered and never acknowledged, which dumps its messages name.

The last two are kombu's own bookkeeping: `unacked` holds [message, exchange, routing key] by delivery tag.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kombu.connection import Connection
from kombu.exceptions import KombuError
from redis.exceptions import RedisError, ResponseError

from ingest.errors import Unavailable

_PORTION = 500  # messages read at once


def is_read(broker: str) -> bool:
    """Whether somebody waits for messages.  True also where the broker does not tell."""
    with _channel(broker) as channel:
        try:
            return any(client["cmd"] == "brpop" for client in channel.client.client_list())
        except ResponseError:
            return True


def held(broker: str) -> list[str]:
    """Ids of the tasks whose messages were delivered and not acknowledged: at work, or lost with their worker."""
    with _channel(broker) as channel:
        entries = channel.client.hvals(channel.unacked_key)
    return [json.loads(entry)[0]["headers"]["id"] for entry in entries]


def give_back(broker: str) -> int:
    """Put such messages on the queue again, to be read next.  Only where no worker can have them.  -> their number."""
    with _channel(broker) as channel:
        tags = [tag.decode() for tag in channel.client.hkeys(channel.unacked_key)]
        for tag in tags:
            channel.qos.restore_by_tag(tag)
    return len(tags)


def named(broker: str, queue: str) -> set[str]:
    """All dumps that messages name: of this queue, and of those that were delivered."""
    found: set[str] = set()
    with _channel(broker) as channel:
        client = channel.client
        # From the end that is written, and then what was delivered: a message that is read meanwhile is found there.
        start = 0
        while portion := client.lrange(queue, start, start + _PORTION - 1):
            found.update(dump_id for raw in portion for dump_id in _dumps_of(json.loads(raw)))
            start += len(portion)
        for entry in client.hvals(channel.unacked_key):
            found.update(_dumps_of(json.loads(entry)[0]))
    return found


def _dumps_of(message: Any) -> list[str]:
    _, arguments, _ = json.loads(base64.b64decode(message["body"]))
    ids: list[str] = arguments.get("dump_ids", [])
    return ids


@contextmanager
def _channel(broker: str) -> Iterator[Any]:
    try:
        with Connection(broker) as connection:  # type: ignore[no-untyped-call]  # kombu is half typed
            connection.ensure_connection(max_retries=1, interval_start=0.1, timeout=4)
            yield connection.default_channel
    except (KombuError, RedisError, OSError) as error:
        raise Unavailable(f"the broker cannot be used now: {error}") from error
