"""Dumps that end dead leave the near-copy index as the store has it, wherever its lists are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, select

from ingest.index.opening import rebuild_lists
from ingest.model import Cleaned
from ingest.run.results import write_results
from ingest.run.worker import Failure, Success
from ingest.settings import NearCopies, Settings
from ingest.stages.deduplicate import sketches_of
from ingest.store import ledger, payloads, records
from ingest.store.postings import unpacked
from ingest.store.schema import articles, rare_shingles, sketches
from ingest.store.transactions import in_turn, reading, writing
from tests.cleaners import cleaned_of
from tests.store.test_payloads import dump
from tests.stores import engine, store_url
from tests.workers.service import Server, serving_broker

__all__ = ["engine", "store_url"]

WORDS = [f"word{n}" for n in range(300)]
STORY = " ".join(WORDS[:100])
CUT = " ".join(WORDS[:50])
OTHER = " ".join(WORDS[200:300])
FAULT = Failure("failed", "its result cannot be stored")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving_broker() as server:
        yield server


@pytest.fixture(params=["store", "broker"])
def configured(request: pytest.FixtureRequest, server: Server, store_url: str) -> Settings:
    near = NearCopies(lists=request.param)
    return Settings(store=store_url, broker=server.url, near_copies=near)


class Store:
    """Dumps on their way into a store."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine, self.settings = engine, settings

    def received(self, text: str) -> Cleaned:
        payload = f"Title\n{text}\n".encode()
        with writing(self.engine) as connection:
            payloads.receive(connection, [dump(payload)])
        return cleaned_of(payload)

    def write(self, *results: Cleaned, fails: bool = False) -> None:
        found = {cleaned.dump_id: Success(cleaned, sketches_of(cleaned)) for cleaned in results}
        with suppress(ZeroDivisionError), writing(self.engine) as connection:
            write_results(connection, found, self.settings, version="1")
            if fails:
                raise ZeroDivisionError

    def bury(self, *results: Cleaned) -> None:
        with writing(self.engine) as connection:
            faults = {cleaned.dump_id: FAULT for cleaned in results}
            write_results(connection, faults, self.settings, version="2")

    def copied_by(self, text: str) -> str | None:
        """The dump that a new dump with this text copies."""
        new = self.received(text)
        self.write(new)
        with reading(self.engine) as connection:
            [found] = records.records_of(connection, [new.dump_id])
            of = records.record_of(connection, found["duplicate_of"] or "")
        return of["dump_id"] if of else None

    def postings(self) -> set[tuple[int, bytes]]:
        """Everything that is in the lists: a shingle, and a document that holds it."""
        if self.settings.near_copies.lists == "store":
            with reading(self.engine) as connection:
                lists = unpacked(
                    [(r.shingle, r.documents) for r in connection.execute(select(rare_shingles))]
                )
            return set(zip(lists.keys.tolist(), (d.tobytes() for d in lists.documents), strict=True))
        found = set()
        path = self.settings.broker.removeprefix("redis+socket://")
        with Redis(unix_socket_path=path) as client:
            keys: Any = [key for key in client.keys("ingest:near:*") if not key.endswith(b"whole")]
            for key in keys:
                held: Any = client.hgetall(key)
                for field, packed in held.items():
                    shingle = int.from_bytes(field + key[-2:], "big")
                    found |= {(shingle, packed[n : n + 8]) for n in range(0, len(packed), 8)}
        return found

    def assert_whole(self) -> None:
        """The index knows the documents of the store and no others, and its lists are as if made anew."""
        held = self.postings()
        with writing(self.engine) as connection:
            known = connection.scalars(select(sketches.c.document_id)).all()
            assert sorted(known) == sorted(connection.scalars(select(articles.c.document_id)).all())
            in_turn(connection)
            rebuild_lists(connection, self.settings)
        assert held == self.postings()


@pytest.fixture
def store(engine: Engine, configured: Settings, server: Server) -> Store:
    with Redis(unix_socket_path=server.url.removeprefix("redis+socket://")) as client:
        client.flushall()
    return Store(engine, configured)


def other_text(cleaned: Cleaned, text: str) -> Cleaned:
    """What another version of the pipeline makes of the same dump."""
    return replace(cleaned, articles=(replace(cleaned.articles[0], text=text),))


def test_a_dump_that_never_had_a_document_leaves_none_in_the_index(store: Store) -> None:
    store.write(store.received("something else, so that lists are there already"))
    doomed = store.received(STORY)
    for _ in range(2):  # its attempts
        store.write(doomed, fails=True)
    store.bury(doomed)
    assert store.copied_by(f"{STORY} and more") is None
    store.assert_whole()


@pytest.mark.parametrize("anew", [OTHER, CUT, "too short"])
def test_a_dump_that_dies_when_it_is_cleaned_again_stays_what_it_was(store: Store, anew: str) -> None:
    first = store.received(STORY)
    store.write(first)
    _open_again(store, [first])
    store.write(other_text(first, anew), fails=True)
    store.bury(first)
    with reading(store.engine) as connection:
        assert ledger.counts(connection)["dead"] == 1
        assert [r["text"] for r in records.records_of(connection, [first.dump_id])] == [
            first.articles[0].text
        ]
    assert store.copied_by(f"{OTHER} and more") is None
    assert store.copied_by(CUT) == first.dump_id
    store.assert_whole()


def test_a_dump_that_loses_its_document_only_to_die_keeps_it(store: Store) -> None:
    first = store.received(STORY)
    store.write(first)
    _open_again(store, [first])
    store.write(replace(first, articles=()), fails=True)
    store.bury(first)
    assert store.copied_by(CUT) == first.dump_id
    store.assert_whole()


def test_it_may_come_back(store: Store) -> None:
    first = store.received(STORY)
    store.write(first)
    _open_again(store, [first])
    store.bury(first)
    _open_again(store, [first])
    store.write(other_text(first, OTHER))
    assert store.copied_by(CUT) is None
    assert store.copied_by(f"{OTHER} and more") == first.dump_id
    store.assert_whole()


def test_a_family_of_phantoms_takes_nobodys_place(store: Store) -> None:
    """More than a list holds, and more than are compared.  What nobody meets of them may stay in the lists."""
    store.write(store.received("something else, so that lists are there already"))
    doomed = [store.received(f"{STORY} {WORDS[100 + n]}") for n in range(40)]
    store.write(*doomed, fails=True)
    store.bury(*doomed)
    original = store.received(f"{STORY} and more")
    store.write(original)
    assert store.copied_by(CUT) == original.dump_id


def _open_again(store: Store, results: Sequence[Cleaned]) -> None:
    with writing(store.engine) as connection:
        ledger.open_again(connection, [cleaned.dump_id for cleaned in results])
