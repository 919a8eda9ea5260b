"""The change feed without the documents: which changed, and how."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Select, select

from ingest.store.records import Kind, kind_of
from ingest.store.schema import articles, retractions


@dataclass(frozen=True, slots=True)
class Mark:
    """The newest word on one document."""

    seq: int  # of this change; to go on behind it
    change: Kind
    document_id: str
    dump_id: str
    revision: int | None  # None of a document that is no more


def marks_after(connection: Connection, cursor: int, limit: int) -> list[Mark]:
    """What changed after the cursor, oldest first; the kinds are those of `records.changes_after`."""
    here: Select[tuple[object, ...]] = (
        select(
            articles.c.seq,
            articles.c.document_id,
            articles.c.dump_id,
            articles.c.revision,
            articles.c.was_unique,
            articles.c.copy_kind,
        )
        .where(articles.c.seq > cursor)
        .order_by(articles.c.seq)
        .limit(limit)
    )
    gone = select(retractions).where(retractions.c.seq > cursor).order_by(retractions.c.seq).limit(limit)
    found = [
        *(
            Mark(
                row.seq,
                kind_of(row.copy_kind, row.was_unique, row.revision),
                row.document_id,
                row.dump_id,
                row.revision,
            )
            for row in connection.execute(here)
        ),
        *(Mark(row.seq, "retracted", row.document_id, row.dump_id, None) for row in connection.execute(gone)),
    ]
    return sorted(found, key=lambda mark: mark.seq)[:limit]
