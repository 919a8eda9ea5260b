"""What people said of two documents of which one was linked to the other: a copy indeed, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import Connection, Row, insert, or_, select, update

from ingest.store.among import among
from ingest.store.schema import pairs, sketches
from ingest.store.values import now, portions, storable

PairWord = Literal["copy", "different"]

_MINE, _OTHER = sketches.alias("mine"), sketches.alias("other")
_IN_FORCE = (
    select(pairs, _MINE.c.position.label("place"), _OTHER.c.position.label("other_place"))
    .join(_MINE, _MINE.c.document_id == pairs.c.document_id)
    .join(_OTHER, _OTHER.c.document_id == pairs.c.other_id)
    .where(pairs.c.undone_at.is_(None), among(_MINE.c.position, "places"))
    .order_by(pairs.c.pair_id)
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A person's word on a near-copy link; one that was taken back stays, for it says what was thought."""

    pair_id: int
    document_id: str  # the later of the two
    other_id: str  # what it is, or was, linked to
    word: PairWord
    similarity: float  # of the link, when it was said
    made_at: str
    made_by: str
    undone_at: str | None
    undone_by: str | None


def add(
    connection: Connection, document_id: str, other_id: str, word: PairWord, *, similarity: float, by: str
) -> int:
    """Write it down.  -> its number."""
    row = {
        "document_id": document_id,
        "other_id": other_id,
        "word": word,
        "similarity": similarity,
        "made_at": now(),
        "made_by": storable(by),
    }
    return int(connection.scalar(insert(pairs).values(row).returning(pairs.c.pair_id)) or 0)


def mark_undone(connection: Connection, pair_ids: Sequence[int], by: str) -> None:
    """Those that were undone before stay as they are."""
    for some in portions(pair_ids):
        here = pairs.c.pair_id.in_(some), pairs.c.undone_at.is_(None)
        connection.execute(update(pairs).where(*here).values(undone_at=now(), undone_by=storable(by)))


def find(connection: Connection, pair_id: int) -> Pair | None:
    row = connection.execute(select(pairs).where(pairs.c.pair_id == pair_id)).one_or_none()
    return None if row is None else _pair(row)


def of_documents(connection: Connection, document_ids: Sequence[str]) -> list[Pair]:
    """All that was ever said of these documents, on either side of a pair; oldest first."""
    found: dict[int, Pair] = {}
    for some in portions(document_ids):
        here = or_(pairs.c.document_id.in_(some), pairs.c.other_id.in_(some))
        for row in connection.execute(select(pairs).where(here)):
            found[row.pair_id] = _pair(row)
    return [found[pair_id] for pair_id in sorted(found)]


def every(connection: Connection) -> list[Pair]:
    """All that was ever said, oldest first."""
    return [_pair(row) for row in connection.execute(select(pairs).order_by(pairs.c.pair_id))]


def in_force(connection: Connection, places: Sequence[int]) -> dict[int, list[tuple[int, Pair]]]:
    """What holds for documents at these places of the index: each word with the place of the other document.

    A word on a document that is no more, or no longer indexed, waits until it comes back.
    """
    found: dict[int, list[tuple[int, Pair]]] = {}
    for row in connection.execute(_IN_FORCE, {"places": list(places)}):
        found.setdefault(row.place, []).append((row.other_place, _pair(row)))
    return found


def _pair(row: Row[tuple[object, ...]]) -> Pair:
    return Pair(
        pair_id=row.pair_id,
        document_id=row.document_id,
        other_id=row.other_id,
        word=cast("PairWord", row.word),
        similarity=row.similarity,
        made_at=row.made_at,
        made_by=row.made_by,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
    )
