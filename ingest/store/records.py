"""Reading documents back, in the shape that every consumer gets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict, cast

from sqlalchemy import Connection, Row, Select, func, null, select
from sqlalchemy.sql.functions import count

from ingest.model import Block, CopyKind, Role, Status
from ingest.store.among import among
from ingest.store.schema import articles, dumps, ledger, removals, retractions
from ingest.store.values import portions, status_of

Kind = Literal["new", "revised", "retracted"]

_PORTION = 200  # documents read at once: bounds the memory of an export


class RemovalRecord(TypedDict):
    start: int
    end: int
    text: str
    reason: str
    rule: str
    score: float


class Record(TypedDict):
    """One document; the keys in the order in which they are written."""

    document_id: str
    dump_id: str
    part: int
    parts: int
    role: Role
    source: str | None
    url: str | None
    title: str | None
    standfirst: str | None
    text: str
    authors: list[str]
    captions: list[str]
    published: str | None
    language: str | None
    language_confidence: float
    status: Status
    duplicate_of: str | None
    similarity: float | None
    copy_kind: CopyKind | None
    cluster_id: str
    possible_mixed: float | None
    start: int  # code points of the page text: where its first block begins, and its last one ends
    end: int
    evidence: list[str]  # why a trailing story was cut off
    revision: int
    removals: list[RemovalRecord]  # on part 1 alone: those of the whole dump
    pipeline_version: str
    received_at: str
    cleaned_at: str


_RECORD, _REMOVAL = tuple(Record.__annotations__), tuple(RemovalRecord.__annotations__)

# Where a field of the record is no column of the articles; null: filled in when the row is read.
_ELSEWHERE = {
    "received_at": dumps.c.received_at,
    **dict.fromkeys(("status", "removals"), null()),
}
_SEQ, _WAS_UNIQUE = len(_RECORD), len(_RECORD) + 1  # places in a row of `joined`
_FIELDS = [(_ELSEWHERE if name in _ELSEWHERE else articles.c)[name].label(name) for name in _RECORD]


_REMOVALS = (
    select(*(removals.c[name] for name in _REMOVAL), removals.c.dump_id)
    .where(among(removals.c.dump_id, "dump_ids"))
    .order_by(removals.c.dump_id, removals.c.n)
)


def records_of(connection: Connection, dump_ids: Sequence[str]) -> Iterator[Record]:
    """Documents of these dumps, in the order of the ids, then of their parts."""
    for some in portions(dump_ids, _PORTION):
        rows = connection.execute(joined().where(articles.c.dump_id.in_(some))).all()
        places = {dump_id: n for n, dump_id in enumerate(some)}
        rows = sorted(rows, key=lambda row: (places[row.dump_id], row.part))
        yield from records_from(connection, rows)


def record_of(connection: Connection, document_id: str) -> Record | None:
    """One document; None where there is none with this id."""
    rows = connection.execute(joined().where(articles.c.document_id == document_id)).all()
    return next(records_from(connection, rows), None)


def records_after(connection: Connection, cursor: int) -> Iterator[tuple[int, Record]]:
    """Documents written or changed after the cursor, each with the cursor that follows it, oldest first."""
    while True:
        asked = joined().where(articles.c.seq > cursor).order_by(articles.c.seq).limit(_PORTION)
        rows = connection.execute(asked).all()
        if not rows:
            return
        yield from zip((row.seq for row in rows), records_from(connection, rows), strict=True)
        cursor = rows[-1].seq


@dataclass(frozen=True, slots=True)
class Change:
    """The newest word on one document."""

    cursor: int  # of this change; to go on behind it
    change: Kind
    document_id: str
    dump_id: str
    document: Record | None  # None where it is no more


def changes_after(connection: Connection, cursor: int) -> Iterator[Change]:
    """What was made, changed and taken back after the cursor, oldest first; each document once, as it is now.

    Numbers become visible in their order (`engine.in_turn`), so a reader that goes on behind the last one that
    it saw misses none.  `retracted`: the document is no more, or was thought unique and turned out to be a copy.
    """
    while True:
        gone = select(retractions).where(retractions.c.seq > cursor).order_by(retractions.c.seq)
        here = joined().where(articles.c.seq > cursor).order_by(articles.c.seq)
        rows = connection.execute(here.limit(_PORTION)).all()
        ends = connection.execute(gone.limit(_PORTION)).all()
        changes = [
            *(Change(row.seq, "retracted", row.document_id, row.dump_id, None) for row in ends),
            *changes_from(connection, rows),
        ]
        changes = sorted(changes, key=lambda change: change.cursor)[:_PORTION]
        if not changes:
            return
        yield from changes
        cursor = changes[-1].cursor


def blocks_of(connection: Connection, dump_id: str) -> list[tuple[str, Block]]:
    """What the dump's documents kept, each block with the id of its document, in page order."""
    rows = connection.execute(
        select(articles.c.document_id, articles.c.blocks).where(articles.c.dump_id == dump_id)
    )
    found = [(row.document_id, Block(*block)) for row in rows for block in row.blocks]
    return sorted(found, key=lambda pair: (pair[1].start, pair[1].end))


def removals_of(connection: Connection, dump_ids: Sequence[str]) -> dict[str, list[RemovalRecord]]:
    """What was taken out of each dump, in page order; also of dumps without a document."""
    found: dict[str, list[RemovalRecord]] = {dump_id: [] for dump_id in dump_ids}
    if found:
        for row in connection.execute(_REMOVALS, {"dump_ids": list(found)}).all():
            # By place and not by name, here and below: a page of the feed has thousands of fields.
            found[row[-1]].append(cast(RemovalRecord, dict(zip(_REMOVAL, row, strict=False))))
    return found


def ids_like(connection: Connection, prefix: str) -> list[tuple[str, str]]:
    """(document_id, dump_id) of the documents, then ("", dump_id) of the dumps, that begin so; at most 50 each."""
    documents = select(articles.c.document_id, articles.c.dump_id).where(
        articles.c.document_id.startswith(prefix, autoescape=True)
    )
    whole = select(dumps.c.dump_id).where(dumps.c.dump_id.startswith(prefix, autoescape=True))
    found = [
        (row[0], row[1]) for row in connection.execute(documents.order_by(articles.c.document_id).limit(50))
    ]
    return found + [
        ("", dump_id) for dump_id in connection.scalars(whole.order_by(dumps.c.dump_id).limit(50))
    ]


def status_counts(connection: Connection) -> dict[Status, int]:
    """Documents by status."""
    total = connection.scalar(select(count(articles.c.document_id))) or 0
    linked = select(articles.c.copy_kind, func.count()).where(articles.c.duplicate_of.is_not(None))
    rows = connection.execute(linked.group_by(articles.c.copy_kind))
    kinds: dict[str, int] = {row[0]: row[1] for row in rows}
    exact, copies = kinds.get("exact", 0), sum(kinds.values())
    return {"unique": total - copies, "exact-copy": exact, "near-copy": copies - exact}


def without_article(connection: Connection) -> int:
    """Dumps that are done and gave no document."""
    having = select(articles.c.document_id).where(articles.c.dump_id == ledger.c.dump_id).exists()
    asked = select(func.count()).select_from(ledger).where(ledger.c.state == "done", ~having)
    return connection.scalar(asked) or 0


def kind_of(copy_kind: CopyKind | None, was_unique: bool, revision: int) -> Kind:
    """What became of a document since consumers had it last."""
    if copy_kind is not None and was_unique:
        return "retracted"
    return "new" if revision == 1 else "revised"


def joined() -> Select[tuple[object, ...]]:
    """Documents as `records_from` reads them: a record's fields in their order, then what else is known."""
    fields = select(*_FIELDS, articles.c.seq, articles.c.was_unique)
    return fields.join(dumps, dumps.c.dump_id == articles.c.dump_id)


def records_from(connection: Connection, rows: Sequence[Row[tuple[object, ...]]]) -> Iterator[Record]:
    """The rows of `joined` with their removals, in the rows' order."""
    records = [cast(Record, dict(zip(_RECORD, row, strict=False))) for row in rows]
    taken = removals_of(connection, [record["dump_id"] for record in records if record["part"] == 1])
    for record in records:
        record["status"] = status_of(record["copy_kind"])
        record["removals"] = taken[record["dump_id"]] if record["part"] == 1 else []
        yield record


def changes_from(connection: Connection, rows: Sequence[Row[tuple[object, ...]]]) -> list[Change]:
    """What became of the documents of these rows of `joined`, in the rows' order."""
    return [
        Change(
            cast(int, row[_SEQ]),
            kind_of(record["copy_kind"], bool(row[_WAS_UNIQUE]), record["revision"]),
            record["document_id"],
            record["dump_id"],
            record,
        )
        for row, record in zip(rows, records_from(connection, rows), strict=True)
    ]
