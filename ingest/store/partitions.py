"""Documents by the day on which their dump was received, and its source: both never change, so a document is in one
partition for ever, revised or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ingest.store.payloads import first_sightings
from ingest.store.records import Record, joined, records_from
from ingest.store.schema import articles, dumps, retractions
from ingest.store.values import portions

_PORTION = 200  # documents read at once

DAY = func.substr(dumps.c.received_at, 1, 10)


@dataclass(frozen=True, slots=True)
class Partition:
    day: str  # YYYY-MM-DD, UTC
    source: str | None


def changed_since(connection: Connection, cursor: int) -> dict[Partition, int]:
    """The partitions in which something changed after the cursor, each with the number of its last change."""
    changes = (
        select(DAY.label("day"), articles.c.source, func.max(articles.c.seq).label("last"))
        .join(dumps, dumps.c.dump_id == articles.c.dump_id)
        .where(articles.c.seq > cursor)
        .group_by(DAY, articles.c.source)
    )
    last = {Partition(row.day, row.source): int(row.last) for row in connection.execute(changes)}
    gone = (
        select(DAY.label("day"), retractions.c.dump_id, retractions.c.seq)
        .join(dumps, dumps.c.dump_id == retractions.c.dump_id)
        .where(retractions.c.seq > cursor)
    )
    ends = connection.execute(gone).all()
    seen = first_sightings(connection, [row.dump_id for row in ends])
    for row in ends:
        partition = Partition(row.day, seen[row.dump_id][1] or None)
        last[partition] = max(last.get(partition, 0), row.seq)
    return last


def ids_by_day(connection: Connection, source: str | None, days: Collection[str]) -> dict[str, list[str]]:
    """The documents of a source received on these days, in the order of the feed."""
    asked = (
        select(articles.c.document_id, DAY.label("day"))
        .join(dumps, dumps.c.dump_id == articles.c.dump_id)
        .where(articles.c.source.is_(None) if source is None else articles.c.source == source)
        .order_by(articles.c.seq)
    )
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in connection.execute(asked):
        if row.day in days:
            found[row.day].append(row.document_id)
    return found


def records_named(connection: Connection, document_ids: Sequence[str]) -> Iterator[Record]:
    """These documents, in their order."""
    for some in portions(document_ids, _PORTION):
        rows = connection.execute(joined().where(articles.c.document_id.in_(some))).all()
        places = {document_id: n for n, document_id in enumerate(some)}
        yield from records_from(connection, sorted(rows, key=lambda row: places[row.document_id]))
