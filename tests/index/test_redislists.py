from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine

from ingest.errors import Unavailable
from ingest.index.redislists import RedisLists
from ingest.index.sql import SqlIndex
from ingest.settings import NearCopies
from ingest.store.opening import open_engine
from ingest.store.transactions import writing
from tests.index.contract import OTHER, STORY, UNIQUE, WORDS, NearCopyIndexContract, add
from tests.workers.service import Server, serving_broker

SETTINGS = NearCopies(similarity=0.65, minimum_shingles=30)
CUT = " ".join(WORDS[:50])


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = open_engine("sqlite://")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving_broker() as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[Redis]:
    with Redis(unix_socket_path=server.url.removeprefix("redis+socket://")) as client:
        yield client


class Index:
    """A new index in a new transaction for each thing that is asked of it, as workers make them."""

    def __init__(self, engine: Engine, client: Redis, settings: NearCopies = SETTINGS) -> None:
        self._engine, self._client, self._settings = engine, client, settings

    def __getattr__(self, name: str) -> Any:
        def ask(*arguments: Any) -> Any:
            with writing(self._engine) as connection:
                lists = RedisLists(self._client, connection, self._settings)
                return getattr(SqlIndex(connection, self._settings, lists), name)(*arguments)

        return ask


@pytest.fixture
def index(engine: Engine, client: Redis) -> Any:
    return Index(engine, client)


class TestRedisLists(NearCopyIndexContract):
    pass


def claim_and_fail(engine: Engine, client: Redis, document_id: str) -> None:
    """As a worker that is killed between its claim and its commit."""
    with suppress(ZeroDivisionError), writing(engine) as connection:
        add(SqlIndex(connection, SETTINGS, RedisLists(client, connection, SETTINGS)), document_id, STORY)
        raise ZeroDivisionError


def postings_in(client: Redis) -> int:
    buckets: Any = [key for key in client.keys("ingest:near:*") if not key.endswith(b"whole")]
    return sum(len(value) // 8 for key in buckets for value in client.hgetall(key).values())


def test_a_claim_that_was_not_stored_links_nothing_and_is_given_back(
    engine: Engine, client: Redis, index: Any
) -> None:
    client.flushall()
    add(index, "other", OTHER)
    claim_and_fail(engine, client, "phantom")
    held = postings_in(client)
    assert held
    assert add(index, "a", STORY + " more") == UNIQUE
    assert postings_in(client) == held  # what both hold is the second's now
    assert add(index, "b", CUT).of == "a"


def test_who_comes_again_takes_his_own_claim(engine: Engine, client: Redis, index: Any) -> None:
    add(index, "other", OTHER)
    claim_and_fail(engine, client, "a")
    assert add(index, "a", STORY) == UNIQUE
    assert add(index, "b", CUT).of == "a"


def test_lists_that_the_server_lost_are_made_anew(client: Redis, index: Any) -> None:
    client.flushall()
    add(index, "a", STORY)
    held = postings_in(client)
    client.flushall()
    client.script_flush()
    assert add(index, "b", CUT).of == "a"
    assert postings_in(client) == 2 * held


def test_lists_of_days_end_by_themselves(engine: Engine, client: Redis) -> None:
    client.flushall()
    forgetful = Index(engine, client, SETTINGS.model_copy(update={"remember_days": 2}))
    add(forgetful, "a", STORY)
    assert add(forgetful, "b", CUT).of == "a"
    buckets: Any = [key for key in client.keys("ingest:near:*") if not key.endswith(b"whole")]
    assert buckets
    assert all(0 < client.ttl(key) <= 4 * 86_400 for key in buckets)


def test_a_server_that_is_away_is_no_fault_of_the_dump(engine: Engine) -> None:
    with Redis(unix_socket_path="/nowhere") as client, pytest.raises(Unavailable, match="near-copy index"):
        add(Index(engine, client), "a", STORY)
