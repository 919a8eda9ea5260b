"""Groups of documents that are copies of one another."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from ingest.model import CopyKind, Status
from ingest.store.schema import articles
from ingest.store.values import status_of

_MOST = 1000


@dataclass(frozen=True, slots=True)
class Member:
    document_id: str
    dump_id: str
    title: str | None
    source: str | None
    published: str | None
    status: Status
    duplicate_of: str | None
    similarity: float | None
    copy_kind: CopyKind | None


def cluster_of(connection: Connection, cluster_id: str) -> list[Member]:
    """The documents of a group in the order of the feed; of a large one the first thousand."""
    asked = select(articles).where(articles.c.cluster_id == cluster_id).order_by(articles.c.seq).limit(_MOST)
    return [
        Member(
            document_id=row.document_id,
            dump_id=row.dump_id,
            title=row.title,
            source=row.source,
            published=row.published,
            status=status_of(row.copy_kind),
            duplicate_of=row.duplicate_of,
            similarity=row.similarity,
            copy_kind=row.copy_kind,
        )
        for row in connection.execute(asked)
    ]
