"""What a set of dumps gave, counted from the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from ingest.model import Status
from ingest.store.schema import articles, ledger, removals
from ingest.store.values import portions, status_of


@dataclass(slots=True)
class Summary:
    """Counts over dumps, each once."""

    without_article: int = 0  # done, and no document came of it
    documents: dict[Status, int] = field(
        default_factory=lambda: {"unique": 0, "exact-copy": 0, "near-copy": 0}
    )
    spans: Counter[str] = field(default_factory=Counter)  # removals by reason
    characters: Counter[str] = field(default_factory=Counter)  # removed code points by reason


def summary_of(connection: Connection, dump_ids: Sequence[str]) -> Summary:
    """The counts for these dumps, whenever they were cleaned."""
    summary = Summary()
    for some in portions(dump_ids):
        gave = select(articles.c.document_id).where(articles.c.dump_id == ledger.c.dump_id).exists()
        empty = ledger.c.dump_id.in_(some), ledger.c.state == "done", ~gave
        summary.without_article += (
            connection.scalar(select(func.count()).select_from(ledger).where(*empty)) or 0
        )
        kinds = (
            select(articles.c.copy_kind, func.count())
            .where(articles.c.dump_id.in_(some))
            .group_by(articles.c.copy_kind)
        )
        for kind, number in connection.execute(kinds):
            status = status_of(kind)
            summary.documents[status] += number
        reasons = (
            select(removals.c.reason, func.count(), func.sum(func.length(removals.c.text)))
            .where(removals.c.dump_id.in_(some))
            .group_by(removals.c.reason)
        )
        for reason, number, size in connection.execute(reasons):
            summary.spans[reason] += number
            summary.characters[reason] += size
    return summary
