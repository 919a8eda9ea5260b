"""One dump at a glance: how far it is, where it came from, what it gave."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ingest.model import State
from ingest.store.schema import articles, dumps, ledger, sightings


@dataclass(frozen=True, slots=True)
class Overview:
    dump_id: str
    state: State
    attempts: int
    reason: str | None  # this and the next: of a dead dump
    message: str | None
    size: int  # bytes
    media_type: str | None
    received_at: str
    updated_at: str
    source: str | None  # this and the next two: where it was met first
    url: str | None
    name: str | None
    sightings: int
    document_ids: tuple[str, ...]  # in the order of their parts


def overview_of(connection: Connection, dump_id: str) -> Overview | None:
    """None for an id that nobody pushed."""
    row = connection.execute(
        select(
            ledger.c.state,
            ledger.c.attempts,
            ledger.c.reason,
            ledger.c.message,
            ledger.c.updated_at,
            dumps.c.size,
            dumps.c.media_type,
            dumps.c.received_at,
        )
        .join(dumps, dumps.c.dump_id == ledger.c.dump_id)
        .where(ledger.c.dump_id == dump_id)
    ).one_or_none()
    if row is None:
        return None
    seen = select(sightings).where(sightings.c.dump_id == dump_id)
    first = connection.execute(seen.order_by(sightings.c.sighting_id).limit(1)).one_or_none()
    documents = select(articles.c.document_id).where(articles.c.dump_id == dump_id).order_by(articles.c.part)
    return Overview(
        dump_id=dump_id,
        state=row.state,
        attempts=row.attempts,
        reason=row.reason if row.state == "dead" else None,
        message=row.message if row.state == "dead" else None,
        size=row.size,
        media_type=row.media_type,
        received_at=row.received_at,
        updated_at=row.updated_at,
        source=(first.source or None) if first else None,
        url=(first.url or None) if first else None,
        name=(first.name or None) if first else None,
        sightings=connection.scalar(select(func.count()).select_from(seen.subquery())) or 0,
        document_ids=tuple(connection.scalars(documents)),
    )
