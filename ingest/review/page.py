"""A dump's page as it came, piece by piece: what was kept, as what, and what was removed, with the reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ingest.model import Block, Kind, Removal
from ingest.store import records
from ingest.store.schema import articles

# The last two are overrides: they turn round whatever follows, of any script, and are of no use to honest text.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the page; `removal` is set where it was taken out, `kind` and `part` where it was kept.

    White space between two stretches has none of them.
    """

    text: str
    removal: Removal | None = None
    kind: Kind | None = None
    part: int = 0  # of the dump's articles, from 1
    start: int = 0  # code points of the page text, as the end
    end: int = 0

    @property
    def said(self) -> tuple[Kind, str | None, str | None]:
        """Kind, reason and rule."""
        if self.removal is not None:
            return "boilerplate", self.removal.reason, self.removal.rule
        return self.kind or "paragraph", None, None


def page_of(connection: Connection, dump_id: str) -> list[Piece]:
    """The page from what was kept and what was removed, in page order.

    White space between two stretches is not stored: one line break stands for it.
    """
    spans = [Piece(b.text, None, b.kind, part, b.start, b.end) for part, b in _kept(connection, dump_id)]
    for removal in (Removal(**removed) for removed in records.removals_of(connection, [dump_id])[dump_id]):
        spans.append(Piece(removal.text, removal, start=removal.start, end=removal.end))
    pieces: list[Piece] = []
    before = 0
    for piece in sorted(spans, key=lambda piece: (piece.start, piece.end)):
        if pieces and piece.start > before:
            pieces.append(Piece("\n"))
        pieces.append(piece)
        before = piece.end
    return pieces


def opening(pieces: Sequence[Piece]) -> set[tuple[int, int]]:
    """Spans of the first piece of each further story."""
    first: dict[int, tuple[int, int]] = {}
    for piece in pieces:
        if piece.part > 1:
            first.setdefault(piece.part, (piece.start, piece.end))
    return set(first.values())


def _kept(connection: Connection, dump_id: str) -> list[tuple[int, Block]]:
    asked = select(articles.c.part, articles.c.blocks).where(articles.c.dump_id == dump_id)
    return [(row.part, Block(*block)) for row in connection.execute(asked) for block in row.blocks]


def printable(text: str) -> str:
    """The text without what a terminal or browser would obey: control characters become U+FFFD, and what overrides
    the direction of writing; line breaks and tabs are spared."""
    return _CONTROL.sub("\ufffd", text)
