"""The stream of the broker holds what the feed says, whoever publishes and whatever was lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import redis
from sqlalchemy import Engine

from ingest.errors import Unavailable
from ingest.outbox.stream import publish
from ingest.queue.broker import Broker, make_app
from ingest.settings import Outbox, Settings
from ingest.store import cursors
from ingest.store.records import changes_after
from ingest.store.transactions import reading, writing
from tests.store.test_documents import store, stored
from tests.workers.service import Server, broker

__all__ = ["broker"]

OUTBOX = Outbox()


@pytest.fixture
def sender(broker: Server) -> Iterator[Broker]:
    with Broker(make_app(Settings(broker=broker.url))) as sender:
        yield sender


@pytest.fixture
def client(broker: Server) -> Iterator[Any]:
    with redis.Redis(
        unix_socket_path=broker.url.removeprefix("redis+socket://"), decode_responses=True
    ) as client:
        yield client


def told(client: Any) -> list[tuple[str, str, str]]:
    """(id, change, document) of each entry."""
    entries = client.xrange(OUTBOX.stream)
    assert all(cursors.read(fields["cursor"], 10**9) == int(i.partition("-")[0]) for i, fields in entries)
    return [(i, fields["change"], fields["document_id"]) for i, fields in entries]


def expected(engine: Engine) -> list[tuple[str, str, str]]:
    with reading(engine) as connection:
        return [(f"{c.cursor}-0", c.change, c.document_id) for c in changes_after(connection, 0)]


def story(n: int) -> str:
    return f"Title {n}\n" + " ".join(f"w{n}x{i}" for i in range(60))


def test_it_follows_the_feed_each_change_once(engine: Engine, sender: Broker, client: Any) -> None:
    with writing(engine) as connection:
        first, second, _ = (stored(connection, story(n)) for n in range(3))
    assert publish(engine, sender, OUTBOX) == 3
    assert told(client) == expected(engine)
    assert publish(engine, sender, OUTBOX) == 0

    # A group reads, and goes on where it was.
    client.xgroup_create(OUTBOX.stream, "readers", id="0")
    assert len(client.xreadgroup("readers", "one", {OUTBOX.stream: ">"})[0][1]) == 3
    with writing(engine) as connection:
        store(connection, replace(first, articles=(replace(first.articles[0], title="Better"),)))
        store(connection, replace(second, articles=()))
    assert publish(engine, sender, OUTBOX) == 2
    [[_, entries]] = client.xreadgroup("readers", "one", {OUTBOX.stream: ">"})
    assert [(fields["change"], fields["revision"]) for _, fields in entries] == [
        ("revised", "2"),
        ("retracted", ""),
    ]
    # The newest word of the stream on each document is the feed's.
    newest = {document: (i, change, document) for i, change, document in told(client)}
    assert sorted(newest.values()) == sorted(expected(engine))

    # What the broker has forgotten is told anew.
    client.flushall()
    assert publish(engine, sender, OUTBOX) == 3
    assert told(client) == expected(engine)


def test_it_keeps_the_newest_and_who_is_away_is_said(
    engine: Engine, sender: Broker, client: Any, broker: Server
) -> None:
    with writing(engine) as connection:
        for n in range(6):
            stored(connection, story(n))
    assert publish(engine, sender, Outbox(stream_length=2)) == 2
    assert told(client) == expected(engine)[4:]
    broker.kill()
    try:
        with pytest.raises(Unavailable, match="broker"):
            publish(engine, sender, OUTBOX)
    finally:
        broker.start()
