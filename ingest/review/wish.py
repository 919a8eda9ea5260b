"""What a person wants of a span, and whether that can be."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from ingest.errors import UsageError
from ingest.model import REASONS, Correction, Cut, Kind
from ingest.review.page import Piece, opening, page_of
from ingest.store import sites

CUTS = ("opens-story", "continues-story")
KINDS = ("paragraph", "heading", "title", "standfirst", "byline", "date", "caption")
Said = tuple[Kind | Cut, str | None, str | None]  # kind, reason, rule


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of a span."""

    dump_id: str
    correction: Correction
    everywhere: bool = False  # on this site always, where such a line stands

    @property
    def is_cut(self) -> bool:
        """Whether it is about where stories open, and not about what the span is."""
        return self.correction.kind in CUTS

    def check(self) -> None:
        """Raises UsageError for what cannot be meant."""
        correction = self.correction
        if self.is_cut:
            if correction.reason is not None or self.everywhere:
                raise UsageError("where stories open is said of one dump, without a reason")
        elif correction.kind == "boilerplate":
            if correction.reason not in REASONS:
                raise UsageError(f"give one of these reasons: {', '.join(REASONS)}")
        elif correction.kind not in KINDS or correction.reason is not None:
            raise UsageError(f"what is kept is one of these, without a reason: {', '.join(KINDS)}")


def spoken_of(connection: Connection, wish: Wish) -> tuple[Piece, Said]:
    """The piece that a wish is about, and what is said of it until now.  Raises UsageError where it is not there."""
    pieces, where = page_of(connection, wish.dump_id), (wish.correction.start, wish.correction.end)
    for piece in pieces:
        if (piece.start, piece.end) == where and piece.end:
            if not wish.is_cut:
                return piece, piece.said
            return piece, ("opens-story" if where in opening(pieces) else "continues-story", None, None)
    raise UsageError("this dump has no such span (any more): look at its page again")


def word_for(correction: Correction) -> sites.Word:
    """What a site's rule says that makes the same of the line everywhere."""
    return "drop" if correction.kind == "boilerplate" else "restore"
