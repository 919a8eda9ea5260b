"""Dead dumps in pages, the last to die first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, or_, select

from ingest.store.payloads import first_sightings, has_bytes
from ingest.store.schema import dumps, ledger


@dataclass(frozen=True, slots=True)
class Gone:
    """A dump that was given up."""

    dump_id: str
    name: str  # this and the next: of its first sighting
    source: str | None
    reason: str
    message: str
    attempts: int
    size: int  # bytes
    died_at: str
    has_payload: bool  # without its bytes it cannot be tried again


Place = tuple[str, str]  # died_at, dump_id


def dead_before(
    connection: Connection, place: Place | None, limit: int, reason: str | None = None
) -> list[Gone]:
    """Dead dumps that died before this place, or all: the newest first.  The next page begins before the last."""
    asked = (
        select(ledger, dumps.c.size, has_bytes().label("has_payload"))
        .join(dumps)
        .where(ledger.c.state == "dead")
    )
    if reason is not None:
        asked = asked.where(ledger.c.reason == reason)
    if place is not None:
        at, dump_id = place
        earlier = and_(ledger.c.updated_at == at, ledger.c.dump_id < dump_id)
        asked = asked.where(ledger.c.updated_at <= at, or_(ledger.c.updated_at < at, earlier))
    rows = connection.execute(
        asked.order_by(ledger.c.updated_at.desc(), ledger.c.dump_id.desc()).limit(limit)
    ).all()
    first = first_sightings(connection, [row.dump_id for row in rows])
    found = []
    for row in rows:
        _, source, name, _ = first.get(row.dump_id, (row.dump_id, "", row.dump_id, ""))
        found.append(
            Gone(
                row.dump_id,
                name,
                source or None,
                row.reason,
                row.message,
                row.attempts,
                row.size,
                row.updated_at,
                bool(row.has_payload),
            )
        )
    return found
