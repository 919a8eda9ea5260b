"""Which of several copies stands for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, select

from ingest.settings import NearCopies
from ingest.store.records import Record
from ingest.store.schema import articles, ledger
from ingest.store.values import portions

_PORTION = 200  # documents looked at together


def representatives(
    connection: Connection, records: Iterable[Record], settings: NearCopies
) -> Iterator[Record]:
    """Those of the records that stand for their cluster, as `settings.representative` chooses among all members.

    Of equals the one that was received first.
    """
    rest = iter(records)
    while some := list(islice(rest, _PORTION)):
        if settings.representative == "first":
            yield from (record for record in some if record["status"] == "unique")
            continue
        chosen = _chosen(connection, sorted({record["cluster_id"] for record in some}), settings)
        yield from (record for record in some if chosen.get(record["cluster_id"]) == record["document_id"])


def _chosen(connection: Connection, cluster_ids: list[str], settings: NearCopies) -> dict[str, str]:
    """The document that stands for each cluster."""
    rank = {source: n for n, source in enumerate(settings.trusted)}

    def merit(row: Any) -> int:
        if settings.representative == "longest":
            return -int(row.length)
        return rank.get(row.source, len(rank))

    best: dict[str, tuple[int, int, int, str]] = {}
    asked = select(
        articles.c.cluster_id,
        articles.c.document_id,
        articles.c.part,
        articles.c.source,
        func.length(articles.c.text).label("length"),
        ledger.c.arrival,
    ).join(ledger, ledger.c.dump_id == articles.c.dump_id)
    for some in portions(cluster_ids):
        for row in connection.execute(asked.where(articles.c.cluster_id.in_(some))):
            standing = merit(row), row.arrival, row.part, row.document_id
            best[row.cluster_id] = min(best.get(row.cluster_id, standing), standing)
    return {cluster_id: document_id for cluster_id, (*_, document_id) in best.items()}
