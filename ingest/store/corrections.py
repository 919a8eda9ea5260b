"""What people corrected: each a row that stays, also when it is undone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast, get_args

from sqlalchemy import Connection, Row, insert, select, update

from ingest.model import Correction, Cut, Kind
from ingest.store.among import among
from ingest.store.schema import corrections
from ingest.store.values import now, storable

_AT_ONCE = 500
_IN_FORCE = (
    select(corrections)
    .where(among(corrections.c.dump_id, "dump_ids"), corrections.c.undone_at.is_(None))
    .order_by(corrections.c.correction_id)
)


@dataclass(frozen=True, slots=True)
class Made:
    """A correction, who made it, and what was said of the span before."""

    correction_id: int
    dump_id: str
    start: int  # this and the next: code points of the page text
    end: int
    text: str
    kind: Kind | Cut
    reason: str | None  # of boilerplate
    kind_before: Kind | Cut
    reason_before: str | None
    rule_before: str | None
    source: str | None  # set where it holds for this line on the whole site
    word_before: str | None  # of the site's line
    made_at: str
    made_by: str
    undone_at: str | None
    undone_by: str | None

    @property
    def is_cut(self) -> bool:
        """Whether it is a word on stories, and not on what the span is."""
        return self.kind in get_args(Cut)

    @property
    def correction(self) -> Correction:
        return Correction(self.start, self.end, self.kind, self.reason)


def add(
    connection: Connection,
    dump_id: str,
    correction: Correction,
    *,
    text: str,
    before: tuple[Kind | Cut, str | None, str | None],
    by: str,
    source: str | None = None,
    word_before: str | None = None,
) -> int:
    """Write it down.  `before`: kind, reason and rule that the span had.  -> its id."""
    kind, reason, rule = before
    row = {
        "dump_id": dump_id,
        "start": correction.start,
        "end": correction.end,
        "text": storable(text),
        "kind": correction.kind,
        "reason": correction.reason,
        "kind_before": kind,
        "reason_before": reason,
        "rule_before": rule,
        "source": source,
        "word_before": word_before,
        "made_at": now(),
        "made_by": storable(by),
    }
    return int(connection.scalar(insert(corrections).values(row).returning(corrections.c.correction_id)) or 0)


def mark_undone(connection: Connection, correction_id: int, by: str) -> None:
    """One that was undone before stays as it is."""
    here = corrections.c.correction_id == correction_id, corrections.c.undone_at.is_(None)
    connection.execute(update(corrections).where(*here).values(undone_at=now(), undone_by=storable(by)))


def find(connection: Connection, correction_id: int) -> Made | None:
    asked = select(corrections).where(corrections.c.correction_id == correction_id)
    row = connection.execute(asked).one_or_none()
    return None if row is None else _made(row)


def of_dump(connection: Connection, dump_id: str) -> list[Made]:
    """All that was ever said of a dump, oldest first."""
    asked = select(corrections).where(corrections.c.dump_id == dump_id)
    return [_made(row) for row in connection.execute(asked.order_by(corrections.c.correction_id))]


def standing(connection: Connection, dump_id: str) -> list[Made]:
    """What holds for a dump now, oldest first."""
    return [made for made in of_dump(connection, dump_id) if made.undone_at is None]


def in_force(connection: Connection, dump_ids: Sequence[str]) -> dict[str, tuple[Correction, ...]]:
    """What holds for these dumps; those without a correction are left out."""
    found: dict[str, list[Correction]] = {}
    for row in connection.execute(_IN_FORCE, {"dump_ids": list(dump_ids)}):
        found.setdefault(row.dump_id, []).append(_made(row).correction)
    return {dump_id: tuple(said) for dump_id, said in found.items()}


def made_after(connection: Connection, correction_id: int) -> Iterator[Made]:
    """All of them behind this one, also those that were undone; oldest first."""
    while True:
        asked = select(corrections).where(corrections.c.correction_id > correction_id)
        rows = connection.execute(asked.order_by(corrections.c.correction_id).limit(_AT_ONCE)).all()
        if not rows:
            return
        yield from map(_made, rows)
        correction_id = rows[-1].correction_id


def _made(row: Row[tuple[object, ...]]) -> Made:
    fields = dict(row._mapping)
    return Made(**cast("dict[str, object]", fields))  # type: ignore[arg-type]
