"""A text beside another, with what they share marked: in pieces, paragraph by paragraph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.index.passages import Passage, shared_passages


@dataclass(frozen=True, slots=True)
class Marked:
    """A text in paragraphs, each in pieces that are shared (True) or not; together they make it whole."""

    paragraphs: tuple[tuple[tuple[str, bool], ...], ...]
    shared: float  # share of its characters that stand in shared passages, 0 … 1


def side_by_side(text: str, other: str) -> tuple[Marked, Marked]:
    """Both, each marked with what the other has too, wherever there."""
    return _marked(text, shared_passages(text, other)), _marked(other, shared_passages(other, text))


def _marked(text: str, passages: Sequence[Passage]) -> Marked:
    paragraphs: list[list[tuple[str, bool]]] = [[]]
    before = 0
    for start, end, is_shared in [*((p.start, p.end, True) for p in passages), (len(text), len(text), False)]:
        for piece, mark in ((text[before:start], False), (text[start:end], is_shared)):
            first, *others = piece.split("\n\n")
            paragraphs[-1] += [(first, mark)] if first else []
            paragraphs += [[(other, mark)] if other else [] for other in others]
        before = end
    shared = sum(passage.end - passage.start for passage in passages)
    return Marked(tuple(map(tuple, paragraphs)), shared / len(text) if text else 0.0)
