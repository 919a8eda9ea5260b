"""The numbers of the overview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from ingest.model import State, Status
from ingest.review.history import History, history_of
from ingest.store import ledger as states
from ingest.store import records, workers
from ingest.store.schema import articles, ledger, removals
from ingest.store.values import portions

SAMPLE = 500  # newest dumps whose removals are weighed: all of a large store would be too much to look at
_SOURCES = 10  # the largest


@dataclass(frozen=True, slots=True)
class Numbers:
    dumps: Mapping[State, int]
    documents: Mapping[Status, int]
    without_article: int
    waiting_since: str | None  # of the dump that has waited longest
    workers: int  # alive, by their own word within a minute
    sample: int  # dumps that the next two are of
    kept: int  # characters
    removed: Mapping[str, int]  # characters by reason, the most first
    sources: Sequence[tuple[str, int]]  # documents of the largest sources
    history: History

    @property
    def copies(self) -> float:
        """Share of the documents that copy another, 0 … 1."""
        total = sum(self.documents.values())
        return 1 - self.documents["unique"] / total if total else 0.0

    @property
    def waiting_minutes(self) -> float | None:
        """How long the one waits that has waited longest."""
        if self.waiting_since is None:
            return None
        return (datetime.now(UTC) - datetime.fromisoformat(self.waiting_since)).total_seconds() / 60


def numbers_of(connection: Connection) -> Numbers:
    """As they are now."""
    newest = select(ledger.c.dump_id).where(ledger.c.state == "done").order_by(ledger.c.arrival.desc())
    sample = connection.scalars(newest.limit(SAMPLE)).all()
    kept, removed = 0, dict[str, int]()
    for some in portions(sample):
        length = func.sum(func.length(articles.c.text))
        kept += connection.scalar(select(length).where(articles.c.dump_id.in_(some))) or 0
        taken = select(removals.c.reason, func.sum(removals.c.end - removals.c.start).label("size"))
        for reason, size in connection.execute(
            taken.where(removals.c.dump_id.in_(some)).group_by(removals.c.reason)
        ):
            removed[reason] = removed.get(reason, 0) + int(size)
    largest = select(articles.c.source, func.count()).group_by(articles.c.source)
    by_source = connection.execute(largest.order_by(func.count().desc(), articles.c.source).limit(_SOURCES))
    waits = [
        connection.scalar(select(func.min(ledger.c.updated_at)).where(ledger.c.state == state))
        for state in ("received", "queued")
    ]
    return Numbers(
        dumps=states.counts(connection),
        documents=records.status_counts(connection),
        without_article=records.without_article(connection),
        waiting_since=min((at for at in waits if at), default=None),
        workers=sum(worker.kind == "worker" for worker in workers.alive(connection)),
        sample=len(sample),
        kept=kept,
        removed=dict(sorted(removed.items(), key=lambda pair: -pair[1])),
        sources=[(source or "no source", number) for source, number in by_source],
        history=history_of(connection),
    )
