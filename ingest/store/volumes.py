"""How much came from where."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ingest.store import sites
from ingest.store.schema import articles


@dataclass(frozen=True, slots=True)
class SourceVolume:
    """A source that documents came from, and what is known of its furniture."""

    source: str
    documents: int
    newest: str  # when its last document was cleaned
    lines: int  # of its furniture, in force
    stories: int  # that were counted for it
    learned_at: str | None


def sources(connection: Connection, after: str, limit: int) -> list[SourceVolume]:
    """Sources by name, behind this one."""
    grouped = (
        select(articles.c.source, func.count().label("documents"), func.max(articles.c.seq).label("last"))
        .where(articles.c.source > after)
        .group_by(articles.c.source)
        .order_by(articles.c.source)
        .limit(limit)
        .subquery()
    )
    asked = select(grouped, articles.c.cleaned_at).join(articles, articles.c.seq == grouped.c.last)
    rows = connection.execute(asked.order_by(grouped.c.source)).all()
    known = sites.known_of(connection, [row.source for row in rows])
    return [
        SourceVolume(
            source=row.source,
            documents=row.documents,
            newest=row.cleaned_at,
            lines=known[row.source].lines if row.source in known else 0,
            stories=known[row.source].stories if row.source in known else 0,
            learned_at=known[row.source].learned_at if row.source in known else None,
        )
        for row in rows
    ]
