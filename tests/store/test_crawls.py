from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, select, update

from ingest.store import crawls, sources
from ingest.store.crawls import Crawl, Overlapping
from ingest.store.schema import crawls as table
from ingest.store.transactions import reading, writing

PAST = "2026-01-01T00:00:00+00:00"
MONDAY, TUESDAY = "2026-01-05T06:00:00+00:00", "2026-01-06T06:00:00+00:00"


@pytest.fixture(autouse=True)
def source(engine: Engine) -> None:
    with writing(engine) as connection:
        sources.add(connection, "wire", {"kind": "feed", "urls": ["https://example.org/feed"]})


def states(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(table.c.state).order_by(table.c.slot)))


def take(engine: Engine, *, sent_too: bool = True, attempts: int = 3) -> list[Crawl]:
    with writing(engine) as connection:
        return crawls.take_due(connection, 60, attempts, sent_too=sent_too)


def begin(engine: Engine, slot: str, holder: str = "me") -> None:
    with writing(engine) as connection:
        crawls.begin(connection, "wire", slot, holder, 60)


def fall_silent(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(update(table).values(seen_at=PAST))


def test_a_slot_is_planned_sent_and_crawled_once(engine: Engine) -> None:
    for is_new in (True, False):
        with writing(engine) as connection:
            assert crawls.plan(connection, "wire", MONDAY, MONDAY) is is_new
    assert take(engine) == [Crawl("wire", MONDAY)]
    assert take(engine) == []
    begin(engine, MONDAY)
    with pytest.raises(Overlapping, match="being crawled already"):
        begin(engine, TUESDAY, "other")
    with writing(engine) as connection:
        crawls.renew(connection, "me", {"wire": {"new": 1}})
        crawls.end(connection, "wire", MONDAY, "me", {"new": 2}, None)
    with pytest.raises(Overlapping, match="was crawled for"):
        begin(engine, MONDAY)
    begin(engine, TUESDAY, "other")
    assert states(engine) == ["done", "running"]


def test_of_two_beats_one_sends(engine: Engine) -> None:
    begin_together = Barrier(2)

    def look(_: int) -> list[Crawl]:
        begin_together.wait()
        with writing(engine) as connection:
            crawls.plan(connection, "wire", MONDAY, MONDAY)
        return take(engine)

    with ThreadPoolExecutor(2) as beats:
        sent = list(beats.map(look, range(2)))
    assert sorted(sent) == [[], [Crawl("wire", MONDAY)]]


def test_who_was_taken_for_dead_learns_it(engine: Engine) -> None:
    begin(engine, MONDAY)
    fall_silent(engine)
    begin(engine, MONDAY, "other")
    with writing(engine) as connection:
        assert crawls.renew(connection, "me", {"wire": {}}) == set()
        assert crawls.renew(connection, "other", {"wire": {}}) == {"wire"}
        crawls.end(connection, "wire", MONDAY, "me", {}, None)
    assert states(engine) == ["running"]


def test_missed_slots_are_caught_up_once(engine: Engine) -> None:
    with writing(engine) as connection:
        crawls.plan(connection, "wire", MONDAY, MONDAY)
        crawls.plan(connection, "wire", TUESDAY, TUESDAY)
    assert take(engine) == [Crawl("wire", TUESDAY)]
    assert states(engine) == ["skipped", "sent"]


def test_what_is_lost_is_sent_again_and_given_up_in_the_end(engine: Engine) -> None:
    with writing(engine) as connection:
        crawls.plan(connection, "wire", MONDAY, MONDAY)
    assert len(take(engine)) == 1
    fall_silent(engine)
    assert take(engine, sent_too=False) == []  # its message waits behind others
    assert len(take(engine)) == 1
    for _ in range(2):
        begin(engine, MONDAY)  # by the message that came again
        fall_silent(engine)
        take(engine, attempts=2)
    assert states(engine) == ["failed"]


def test_what_is_not_due_yet_waits(engine: Engine) -> None:
    with writing(engine) as connection:
        crawls.plan(connection, "wire", MONDAY, "2999-01-01T00:00:00+00:00")
    assert take(engine) == []
