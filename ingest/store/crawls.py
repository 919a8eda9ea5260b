"""Crawls: which are due, which run, how they ended.

A crawl belongs to a slot, the time for which it was due, and there is one row for each source and slot.  So
whoever plans the same slot again plans nothing, and whoever begins it again is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, exists, or_, select, update

from ingest.errors import UsageError
from ingest.store.inserts import insert_new
from ingest.store.schema import crawls, sources
from ingest.store.values import now, storable

LONGEST_ERROR = 500  # characters


class Overlapping(UsageError):
    """Another crawl of the source runs, or its slot had its crawl."""


@dataclass(frozen=True, slots=True)
class Crawl:
    """One crawl that is to be begun."""

    source: str
    slot: str


def plan(connection: Connection, source: str, slot: str, starts_at: str) -> bool:
    """Write down that a crawl is due.  -> whether it was not yet.

    Earlier ones that were not begun yet are skipped: what they would have fetched, this one fetches.
    """
    row = {"source": source, "slot": slot, "state": "due", "starts_at": starts_at, "attempts": 0}
    is_new = insert_new(connection, crawls, row)
    if is_new:
        earlier = crawls.c.source == source, crawls.c.slot < slot, crawls.c.state == "due"
        connection.execute(update(crawls).where(*earlier).values(state="skipped", ended_at=now()))
    return is_new


def take_due(connection: Connection, stale_after: float, attempts: int, *, sent_too: bool) -> list[Crawl]:
    """Mark as sent what is due, and what ran and gave no sign since.  -> these; send them.

    `sent_too`: also what was sent and not begun since, for its message is lost.  A crawl that was tried `attempts` times has failed.  One whose source runs another crawl waits for that.
    """
    silent = crawls.c.state == "running", crawls.c.seen_at < _ago(stale_after)
    tried = update(crawls).where(*silent, crawls.c.attempts >= attempts)
    given_up = {"state": "failed", "ended_at": now(), "error": "its process was lost again and again"}
    connection.execute(tried.values(given_up))
    other = crawls.alias()
    runs = exists().where(
        other.c.source == crawls.c.source,
        other.c.state.in_(("sent", "running")),
        other.c.seen_at >= _ago(stale_after),
    )
    due = (crawls.c.state == "due") & (crawls.c.starts_at <= now()) & ~runs
    states = ("sent", "running") if sent_too else ("running",)
    stale = crawls.c.state.in_(states) & (crawls.c.seen_at < _ago(stale_after))
    asked = select(crawls.c.crawl_id, crawls.c.source, crawls.c.slot).where(or_(due, stale))
    rows = connection.execute(asked.order_by(crawls.c.crawl_id).with_for_update()).all()
    for row in rows:
        here = crawls.c.crawl_id == row.crawl_id
        connection.execute(update(crawls).where(here).values(state="sent", seen_at=now()))
    return [Crawl(row.source, row.slot) for row in rows]


def begin(connection: Connection, source: str, slot: str, holder: str, stale_after: float) -> None:
    """This process crawls the source now.  Raises Overlapping."""
    connection.execute(select(sources.c.name).where(sources.c.name == source).with_for_update())
    plan(connection, source, slot, slot)
    running = crawls.c.state == "running", crawls.c.seen_at >= _ago(stale_after)
    if connection.scalar(select(exists().where(crawls.c.source == source, *running))):
        raise Overlapping(f"{source} is being crawled already: it will have what is new")
    here = crawls.c.source == source, crawls.c.slot == slot, crawls.c.state.in_(("due", "sent", "running"))
    begun = {"state": "running", "started_at": now(), "seen_at": now(), "holder": holder}
    again = update(crawls).where(*here).values(**begun, attempts=crawls.c.attempts + 1)
    if not connection.execute(again).rowcount:
        raise Overlapping(f"{source} was crawled for {slot} already")


def renew(connection: Connection, holder: str, counts: Mapping[str, Mapping[str, int]]) -> set[str]:
    """The process lives; `counts` by source.  -> those sources that are still its own to crawl."""
    ours = set[str]()
    for source, counted in counts.items():
        here = crawls.c.source == source, crawls.c.holder == holder, crawls.c.state == "running"
        if connection.execute(
            update(crawls).where(*here).values(seen_at=now(), counts=dict(counted))
        ).rowcount:
            ours.add(source)
    return ours


def end(
    connection: Connection, source: str, slot: str, holder: str, counts: Mapping[str, int], error: str | None
) -> None:
    """The crawl is done, or has failed with an error."""
    here = crawls.c.source == source, crawls.c.slot == slot, crawls.c.holder == holder
    said = storable(error[:LONGEST_ERROR]) if error else None
    ended = {"state": "failed" if error else "done", "ended_at": now(), "seen_at": now()}
    connection.execute(update(crawls).where(*here).values(**ended, error=said, counts=dict(counts)))


def _ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(timespec="seconds")
