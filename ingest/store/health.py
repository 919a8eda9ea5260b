"""How sources do: when they were had last, what they give, and whether that is less than they used to give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Literal

from sqlalchemy import Connection, exists, func, select

from ingest.settings import Crawl
from ingest.store import sources
from ingest.store.schema import articles, crawls, fetches, ledger

Alert = Literal["failing", "quiet", "empty"]

DAYS = 14  # that a day is compared with
_LEAST_DAYS = 7  # of these, from the first that gave something; of fewer, nobody knows what is usual
_LEAST_PAGES = 5  # a day in the middle; below, a day without any is usual
_RECENT, _BEFORE = 20, 180  # cleaned dumps that are compared, and those before them
_DAY_HOURS, _WEEK = 24, 7
_ERRORS = ("client_errors", "server_errors", "lost", "robots", "address", "media_type", "too_large")


@dataclass(frozen=True, slots=True)
class Health:
    """Of one source; shares are None where nothing was cleaned yet."""

    source: str
    enabled: bool
    alert: Alert | None
    last_success: str | None
    last_error: str | None  # of the last crawl that ended, if it failed
    pages_day: int  # new ones, in the last 24 hours
    pages_usual: float | None  # a day, in the middle of the days before
    duplicates: float | None  # share of the newest cleaned dumps that hold copies alone
    empty: float | None  # and of those that hold no article
    errors_day: Mapping[str, int]  # of the crawls that ended in the last 24 hours, by reason


@dataclass(frozen=True, slots=True)
class _Ended:
    """A crawl that ended."""

    failed: bool
    error: str | None
    counts: Mapping[str, int]
    lately: bool  # in the last 24 hours


def health(connection: Connection, limits: Crawl, at: datetime | None = None) -> list[Health]:
    """Of all sources, by name."""
    at = at or datetime.now(UTC)
    hours = _pages_by_hours_ago(connection, at)
    ended = _ended_crawls(connection, at)
    success = _last_success(connection)
    return [
        _health(
            connection, entry, limits, hours.get(entry.name, Counter()), ended.get(entry.name, []), success
        )
        for entry in sources.listed(connection)
    ]


def _health(
    connection: Connection,
    entry: sources.Entry,
    limits: Crawl,
    hours: Counter[int],
    ended: Sequence[_Ended],
    success: Mapping[str, str],
) -> Health:
    by_day = Counter[int]()
    for ago, number in hours.items():
        by_day[ago // _DAY_HOURS] += number
    days = [by_day[day] for day in range(1, max(by_day, default=0) + 1)]
    fates = _cleaned(connection, entry.name)
    recent = fates[:_RECENT]
    alert: Alert | None = None
    if len(ended) >= limits.alert_failures and all(one.failed for one in ended[: limits.alert_failures]):
        alert = "failing"
    elif _is_quiet(by_day[0], days, limits.alert_quiet):
        alert = "quiet"
    elif _is_empty(recent, fates[_RECENT:], limits.alert_empty):
        alert = "empty"
    return Health(
        entry.name,
        entry.is_enabled,
        alert if entry.is_enabled else None,
        success.get(entry.name),
        ended[0].error if ended and ended[0].failed else None,
        by_day[0],
        median(days) if days else None,
        _share(fate == "copy" for fate in fates),
        _share(fate == "empty" for fate in fates),
        {name: n for name in _ERRORS if (n := sum(one.counts.get(name, 0) for one in ended if one.lately))},
    )


def _is_quiet(today: int, days: Sequence[int], share: float) -> bool:
    """Below its own usual range: less than this share of the least of its days.

    Where days without any page are among them, as Sundays of some, of the same days of the weeks before.
    """
    if len(days) < _LEAST_DAYS or median(days) < _LEAST_PAGES:
        return False
    return today < share * (min(days) or min(days[_WEEK - 1 :: _WEEK]))


def _is_empty(recent: Sequence[str], before: Sequence[str], share: float) -> bool:
    """Extraction turned empty, as after a redesign, and was not before."""
    now, then = (_share(fate == "empty" for fate in fates) for fates in (recent, before))
    return len(recent) == _RECENT and now is not None and now >= share > 2 * (then or 0.0)


def _share(marks: Iterable[bool]) -> float | None:
    counted = list(marks)
    return round(sum(counted) / len(counted), 3) if counted else None


def _pages_by_hours_ago(connection: Connection, at: datetime) -> dict[str, Counter[int]]:
    """New pages of each source, by how many hours ago they came; an hour is told by its first moment."""
    hour = func.substr(fetches.c.fetched_at, 1, 13)
    since = (at - timedelta(days=DAYS + 1)).isoformat(timespec="seconds")
    asked = select(fetches.c.source, hour, func.count()).where(
        fetches.c.fetched_at > since, fetches.c.revision == 1, fetches.c.page_key.is_(None)
    )
    found: dict[str, Counter[int]] = {}
    for source, when, number in connection.execute(asked.group_by(fetches.c.source, hour)):
        ago = at - datetime.fromisoformat(f"{when}:00:00+00:00")
        hours = max(0, int(ago.total_seconds() // 3600))
        if hours < _DAY_HOURS * (DAYS + 1):
            found.setdefault(source, Counter())[hours] += number
    return found


def _ended_crawls(connection: Connection, at: datetime) -> dict[str, list[_Ended]]:
    """Of each source, the newest first."""
    day = (at - timedelta(days=1)).isoformat(timespec="seconds")
    since = (at - timedelta(days=DAYS)).isoformat(timespec="seconds")
    columns = crawls.c.source, crawls.c.state, crawls.c.error, crawls.c.counts, crawls.c.ended_at
    asked = select(*columns).where(crawls.c.state.in_(("done", "failed")), crawls.c.ended_at > since)
    found: dict[str, list[_Ended]] = {}
    for row in connection.execute(asked.order_by(crawls.c.ended_at.desc(), crawls.c.crawl_id.desc())):
        told = _Ended(row.state == "failed", row.error, row.counts or {}, row.ended_at > day)
        found.setdefault(row.source, []).append(told)
    return found


def _last_success(connection: Connection) -> dict[str, str]:
    asked = select(crawls.c.source, func.max(crawls.c.ended_at)).where(crawls.c.state == "done")
    return {row[0]: row[1] for row in connection.execute(asked.group_by(crawls.c.source))}


def _cleaned(connection: Connection, source: str) -> list[Literal["own", "copy", "empty"]]:
    """What the newest cleaned dumps of the source turned out to hold, newest first."""
    holds = exists().where(articles.c.dump_id == fetches.c.dump_id)
    own = holds.where(articles.c.duplicate_of.is_(None))
    asked = (
        select(holds.label("holds"), own.label("own"))
        .select_from(fetches.join(ledger, ledger.c.dump_id == fetches.c.dump_id))
        .where(fetches.c.source == source, fetches.c.page_key.is_(None), ledger.c.state == "done")
    )
    rows = connection.execute(asked.order_by(fetches.c.fetched_at.desc()).limit(_RECENT + _BEFORE))
    return ["own" if row.own else "copy" if row.holds else "empty" for row in rows]
