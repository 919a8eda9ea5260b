"""How much came and was cleaned, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, update

from ingest.review.history import DAYS, HOURS, history_of
from ingest.store.schema import ledger, sightings
from ingest.store.transactions import reading, writing
from tests.review.test_correct import put, story

AT = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)


def test_counts_stand_in_their_hours_and_days(engine: Engine) -> None:
    ids = [put(engine, story(n), "wire" if n < 3 else "other") for n in range(5)]
    before = {ids[0]: 0, ids[1]: 1, ids[2]: 25, ids[3]: 30, ids[4]: 24 * DAYS}  # hours
    with writing(engine) as connection:
        for dump_id, hours in before.items():
            moment = (AT - timedelta(hours=hours)).isoformat(timespec="seconds")
            connection.execute(update(ledger).where(ledger.c.dump_id == dump_id).values(updated_at=moment))
            connection.execute(update(sightings).where(sightings.c.dump_id == dump_id).values(seen_at=moment))
    with reading(engine) as connection:
        history = history_of(connection, AT)
    assert (history.hours[-1], len(history.hours)) == ("2026-11-24T10", HOURS)
    assert history.cleaned == [0] * (HOURS - 2) + [1, 1]
    assert history.days[-2:] == ["2026-11-23", "2026-11-24"]
    assert {source: (sum(days), list(days[-2:])) for source, days in history.came.items()} == {
        "wire": (3, [1, 2]),
        "other": (1, [1, 0]),
    }
    assert not history.is_cut
