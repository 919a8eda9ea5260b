"""Which of several copies stands for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Select, func, literal, select

from ingest.settings import NearCopies
from ingest.store.partitions import DAY, Partition
from ingest.store.records import Record
from ingest.store.schema import articles, dumps, ledger
from ingest.store.values import portions

_PORTION = 200  # documents looked at together
_ROWS = 2000  # rows fetched at once


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


def stand_ins(connection: Connection, settings: NearCopies) -> dict[Partition, str]:
    """Where another than the first stands for its cluster: a digest of the documents that this concerns, by partition.

    So who wrote only representatives sees which partitions to write anew though no document in them has changed:
    a longer copy came, or one of a more trusted source, or the settings are others.  Looks at copies and originals.
    """
    if settings.representative == "first":
        return {}
    several = select(articles.c.cluster_id).where(articles.c.duplicate_of.is_not(None))
    asked = _members(settings).where(articles.c.cluster_id.in_(several)).order_by(articles.c.cluster_id)
    rows = connection.execute(asked.execution_options(yield_per=_ROWS))
    found: defaultdict[Partition, Any] = defaultdict(sha256)
    for cluster_id, members in groupby(rows, attrgetter("cluster_id")):
        ranked = sorted(members, key=_standing(settings))
        for member in ranked:
            stands, is_first = member is ranked[0], member.document_id == cluster_id
            if stands != is_first:
                found[Partition(member.day, member.source)].update(
                    f"{member.document_id} {stands}\n".encode()
                )
    return {partition: digest.hexdigest() for partition, digest in found.items()}


def _chosen(connection: Connection, cluster_ids: list[str], settings: NearCopies) -> dict[str, str]:
    """The document that stands for each cluster."""
    best: dict[str, tuple[_Standing, str]] = {}
    standing_of = _standing(settings)
    for some in portions(cluster_ids):
        for row in connection.execute(_members(settings).where(articles.c.cluster_id.in_(some))):
            standing = standing_of(row), row.document_id
            best[row.cluster_id] = min(best.get(row.cluster_id, standing), standing)
    return {cluster_id: document_id for cluster_id, (_, document_id) in best.items()}


_Standing = tuple[int, int, int]


def _standing(settings: NearCopies) -> Callable[[Any], _Standing]:
    """The key by which the first of a cluster's members stands for it; no two have the same."""
    rank = {source: n for n, source in enumerate(settings.trusted)}

    def standing(row: Any) -> _Standing:
        merit = -int(row.length) if settings.representative == "longest" else rank.get(row.source, len(rank))
        return merit, row.arrival, row.part

    return standing


def _members(settings: NearCopies) -> Select[tuple[Any, ...]]:
    """Documents with what decides which of them stands for the others."""
    by_length = settings.representative == "longest"  # else the texts, which are long, are not read
    return (
        select(
            articles.c.cluster_id,
            articles.c.document_id,
            articles.c.part,
            articles.c.source,
            (func.length(articles.c.text) if by_length else literal(0)).label("length"),
            ledger.c.arrival,
            DAY.label("day"),
        )
        .join(ledger, ledger.c.dump_id == articles.c.dump_id)
        .join(dumps, dumps.c.dump_id == articles.c.dump_id)
    )
