"""Storing results: the same in the end, whoever comes first and in whatever company."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from ingest.index.sql import SqlIndex
from ingest.model import Cleaned
from ingest.run.results import keep
from ingest.run.worker import Success
from ingest.settings import NearCopies
from ingest.stages.deduplicate import sketches_of
from ingest.store import payloads, records
from ingest.store.opening import open_engine
from ingest.store.transactions import reading, writing
from ingest.store.values import portions
from tests.cleaners import cleaned_of
from tests.store.test_payloads import dump
from tests.stores import store_url

__all__ = ["store_url"]  # each database, not the folder's own choice

WORDS = [f"word{n}" for n in range(200)]
# Overlapping pieces of one text: copies of copies, equal ones, and some that share too little.
PIECES = st.tuples(st.integers(0, 12), st.integers(4, 12)).map(
    lambda p: WORDS[p[0] * 10 : (p[0] + p[1]) * 10]
)
DUMPS = st.lists(st.lists(PIECES, min_size=1, max_size=2), min_size=2, max_size=8)


def store(connection: Connection, results: Sequence[Cleaned], version: str = "1") -> None:
    index = SqlIndex(connection, NearCopies())
    keep(connection, index, [Success(cleaned, sketches_of(cleaned)) for cleaned in results], version=version)


def received(connection: Connection, texts: Sequence[str]) -> list[Cleaned]:
    batch = [dump(text.encode(), f"{n}.txt") for n, text in enumerate(texts)]
    payloads.receive(connection, batch)
    return [cleaned_of(d.payload or b"") for d in batch]


def said(connection: Connection, results: Sequence[Cleaned]) -> list[dict[str, Any]]:
    found = records.records_of(connection, [cleaned.dump_id for cleaned in results])
    return [{name: value for name, value in r.items() if not name.endswith("_at")} for r in found]


@contextmanager
def in_memory() -> Iterator[Connection]:
    engine = open_engine("sqlite://")
    with writing(engine) as connection:
        yield connection
    engine.dispose()


@settings(max_examples=40)
@given(DUMPS, st.randoms(use_true_random=False), st.integers(1, 4))
def test_neither_order_nor_company_makes_a_difference(
    stories: list[list[list[str]]], random: Random, at_once: int
) -> None:
    texts = list(
        dict.fromkeys(
            f"# {n}\n" + "\n===\n".join(" ".join(words) for words in story) for n, story in enumerate(stories)
        )
    )
    with in_memory() as quiet:
        results = received(quiet, texts)
        for cleaned in results:
            store(quiet, [cleaned])
        expected = said(quiet, results)
    with in_memory() as busy:
        shuffled = received(busy, texts)
        random.shuffle(shuffled)
        for some in portions(shuffled, at_once):
            store(busy, some)
        assert said(busy, results) == expected
        store(busy, shuffled[:2])  # and doing some again changes nothing
        assert said(busy, results) == expected


def test_many_that_store_copies_at_once_keep_one(engine: Engine) -> None:
    text = " ".join(WORDS[:100])
    with writing(engine) as connection:
        results = received(connection, [f"# {n}\n{text}\n" for n in range(12)])
    start = threading.Barrier(4)

    def work(mine: Sequence[Cleaned]) -> None:
        start.wait()
        for cleaned in mine:
            with writing(engine) as connection:
                store(connection, [cleaned])

    threads = [threading.Thread(target=work, args=(results[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as connection:
        found = said(connection, results)
    first = found[0]["document_id"]
    assert [r["duplicate_of"] for r in found] == [None] + [first] * 11
    assert {r["cluster_id"] for r in found} == {first}


def test_a_reader_of_the_feed_misses_nothing_that_is_committed_late(engine: Engine) -> None:
    with writing(engine) as connection:
        results = received(connection, [f"story {n}\n" for n in range(60)])

    def work(mine: Sequence[Cleaned], seed: int) -> None:
        random = Random(seed)  # noqa: S311
        for cleaned in mine:
            with writing(engine) as connection:
                store(connection, [cleaned])
                time.sleep(random.random() * 0.01)  # numbered now, to be seen later

    threads = [threading.Thread(target=work, args=(results[n::4], n)) for n in range(4)]
    for thread in threads:
        thread.start()
    cursor, seen = 0, list[str]()
    while any(thread.is_alive() for thread in threads) or len(seen) < 60:
        with reading(engine) as connection:
            for change in records.changes_after(connection, cursor):
                seen.append(change.document_id)
                cursor = change.cursor
    for thread in threads:
        thread.join()
    assert sorted(seen) == sorted(c.articles[0].document_id for c in results)


def test_the_feed_tells_what_is_new_revised_and_no_more(engine: Engine) -> None:
    long = " ".join(WORDS[:80])
    with writing(engine) as connection:
        early, late = received(connection, [f"{long}\n", f"{long}\n# further\n===\nanother story\n"])
        store(connection, [late])
        first, second = (article.document_id for article in late.articles)
        seen = [(c.change, c.document_id) for c in records.changes_after(connection, 0)]
        assert seen == [("new", first), ("new", second)]
        cursor = 2

        def changes() -> list[tuple[str, str]]:
            nonlocal cursor
            found = list(records.changes_after(connection, cursor))
            cursor = found[-1].cursor if found else cursor
            return [(c.change, c.document_id) for c in found]

        # What was received first is the original: the other turns out to be its copy.
        store(connection, [early])
        assert changes() == [("new", early.articles[0].document_id), ("retracted", first)]
        # Cleaned anew, its second story is no more, and then there again.
        one = cleaned_of(f"{long}\n".encode())
        shorter = Cleaned(late.dump_id, late.text, late.articles[:1], (), "text/plain", "utf-8")
        store(connection, [shorter], "2")
        assert changes() == [("retracted", second)]
        [gone] = [c for c in records.changes_after(connection, 0) if c.document_id == second]
        assert gone.document is None
        store(connection, [late], "3")
        assert changes() == [("new", second)]
        assert one.dump_id == early.dump_id
        assert len(list(records.changes_after(connection, 0))) == 3  # each document once, as it is now
