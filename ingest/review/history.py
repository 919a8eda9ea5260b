"""How much came and was cleaned, hour by hour and day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, literal_column, select

from ingest.store import sites
from ingest.store.schema import ledger, sightings

HOURS = 24
DAYS = 14
NEWEST = 20_000  # sightings that are looked at: in a large store, what came in two weeks would be too much
_SOURCES = 8  # the largest of these days

_HOUR, _DAY = len("2026-11-24T10"), len("2026-11-24")


@dataclass(frozen=True, slots=True)
class History:
    """Counts in the order of time; where nothing was, 0."""

    hours: Sequence[str]  # as 2026-11-24T10, in UTC; the last is the present one
    cleaned: Sequence[int]  # dumps that were done with in each hour, again or for the first time
    days: Sequence[str]  # as 2026-11-24; the last is today
    came: Mapping[str, Sequence[int]]  # by source, the largest first: sightings of each day
    is_cut: bool  # whether there were more than are looked at: then the first of the days are short


def history_of(connection: Connection, at: datetime | None = None) -> History:
    """As it is now; `at`: the present moment, in UTC."""
    at = at or datetime.now(UTC)
    hours = [(at - timedelta(hours=n)).isoformat()[:_HOUR] for n in reversed(range(HOURS))]
    days = [(at - timedelta(days=n)).isoformat()[:_DAY] for n in reversed(range(DAYS))]
    # Written out, not bound: Postgres would take two bound lengths for two expressions.
    hour = func.substr(ledger.c.updated_at, literal_column("1"), literal_column(str(_HOUR)))
    done = ledger.c.state == "done", ledger.c.updated_at >= hours[0]
    rows = connection.execute(select(hour, func.count()).where(*done).group_by(hour))
    counted: dict[str, int] = {row[0]: row[1] for row in rows}
    columns = sightings.c.source, sightings.c.url, sightings.c.seen_at
    newest = connection.execute(select(*columns).order_by(sightings.c.sighting_id.desc()).limit(NEWEST)).all()
    seen = Counter(
        (sites.source_of(source or None, url or None) or "no source", at[:_DAY])
        for source, url, at in newest
        if at[:_DAY] >= days[0]
    )
    totals: Counter[str] = Counter()
    for (source, _), number in seen.items():
        totals[source] += number
    largest = sorted(totals, key=lambda source: (-totals[source], source))[:_SOURCES]
    return History(
        hours=hours,
        cleaned=[counted.get(hour, 0) for hour in hours],
        days=days,
        came={source: [seen[source, day] for day in days] for source in largest},
        is_cut=len(newest) == NEWEST and newest[-1].seen_at[:_DAY] >= days[0],
    )
