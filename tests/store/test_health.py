from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, update

from ingest.settings import Crawl
from ingest.store import crawls, sources
from ingest.store.health import Health, health
from ingest.store.schema import articles, dumps, fetches, ledger
from ingest.store.schema import crawls as crawls_table
from ingest.store.transactions import reading, writing

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def source(engine: Engine) -> None:
    with writing(engine) as connection:
        sources.add(connection, "wire", {"kind": "feed", "urls": ["https://example.org/feed"]})


def of_wire(engine: Engine) -> Health:
    with reading(engine) as connection:
        [found] = health(connection, Crawl(), NOW)
    return found


def give(engine: Engine, days_ago: float, fates: Sequence[str]) -> None:
    """Pages that were fetched then, with what cleaning found in them."""
    at = (NOW - timedelta(days=days_ago)).isoformat(timespec="seconds")
    with writing(engine) as connection:
        for n, fate in enumerate(fates):
            key = hashlib.sha256(f"{days_ago} {n}".encode()).hexdigest()
            arrival = int(key[:12], 16)
            connection.execute(insert(dumps).values(dump_id=key, size=1, received_at=at))
            done = {"dump_id": key, "arrival": arrival, "state": "done", "attempts": 1, "updated_at": at}
            connection.execute(insert(ledger).values(done))
            row = {"source": "wire", "key": key, "url": "u", "revision": 1, "dump_id": key, "fetched_at": at}
            connection.execute(insert(fetches).values(**row, headers=[]))
            if fate == "empty":
                continue
            text = {"text": "t", "authors": [], "captions": [], "blocks": [], "evidence": []}
            place = {
                "document_id": key,
                "seq": arrival,
                "dump_id": key,
                "part": 1,
                "parts": 1,
                "role": "primary",
            }
            made = {"cluster_id": key, "revision": 1, "pipeline_version": "1", "cleaned_at": at}
            copied = {"duplicate_of": "x", "copy_kind": "near", "similarity": 1.0} if fate == "copy" else {}
            connection.execute(
                insert(articles).values(**text, **place, **made, **copied, language_confidence=0.0)
            )


def crawled(engine: Engine, slot: int, error: str | None, **counts: int) -> None:
    ended = NOW - timedelta(hours=5 - slot)
    with writing(engine) as connection:
        crawls.begin(connection, "wire", f"2026-11-24T0{slot}", "me", 60)
        crawls.end(connection, "wire", f"2026-11-24T0{slot}", "me", counts, error)
        here = crawls_table.c.slot == f"2026-11-24T0{slot}"
        connection.execute(
            update(crawls_table).where(here).values(ended_at=ended.isoformat(timespec="seconds"))
        )


def test_of_a_source_that_was_never_had(engine: Engine) -> None:
    assert of_wire(engine) == Health("wire", True, None, None, None, 0, None, None, None, {})


def test_quiet_is_below_its_own_usual_range(engine: Engine) -> None:
    for day in range(1, 10):
        give(engine, day + 0.5, ["own"] * (6 + day % 3))
    give(engine, 0.5, ["own"] * 3)
    found = of_wire(engine)
    assert (found.alert, found.pages_day, found.pages_usual) == (None, 3, 7)
    with writing(engine) as connection:
        connection.execute(fetches.delete().where(fetches.c.fetched_at > "2026-11-23T13"))
    assert of_wire(engine).alert == "quiet"
    with writing(engine) as connection:
        sources.say(connection, "wire", "disable")
    assert of_wire(engine).alert is None


def test_a_day_of_the_week_without_pages_is_usual_and_another_is_not(engine: Engine) -> None:
    for day in range(1, 14):
        give(engine, day + 0.5, ["own"] * (0 if day in (2, 7) else 6))
    assert (of_wire(engine).pages_day, of_wire(engine).alert) == (0, None)  # as a week ago
    give(engine, 7.5, ["own"] * 6)
    assert of_wire(engine).alert == "quiet"  # the one two days ago is no excuse


def test_empty_is_what_it_was_not_before(engine: Engine) -> None:
    give(engine, 2.5, ["own"] * 30 + ["copy"] * 10)
    assert (of_wire(engine).alert, of_wire(engine).duplicates) == (None, 0.25)
    give(engine, 0.5, ["empty"] * 12 + ["own"] * 8)
    assert (of_wire(engine).alert, of_wire(engine).empty) == ("empty", 0.2)


def test_failing_is_three_times_in_a_row(engine: Engine) -> None:
    crawled(engine, 0, None, client_errors=2, new=5)
    for slot in (1, 2):
        crawled(engine, slot, "503", server_errors=1)
    found = of_wire(engine)
    assert (found.alert, found.last_error, found.last_success) == (None, "503", "2026-11-24T07:00:00+00:00")
    assert found.errors_day == {"client_errors": 2, "server_errors": 2}
    crawled(engine, 3, "503")
    assert of_wire(engine).alert == "failing"
    crawled(engine, 4, None)
    assert (of_wire(engine).alert, of_wire(engine).last_error) == (None, None)
