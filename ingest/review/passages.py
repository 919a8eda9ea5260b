"""Which passages two texts share, to be marked where they stand side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.vocabulary.words import SPACELESS, fold

WORDS = 6  # in a row that both texts have: fewer, strangers share too
_WORD = re.compile(rf"[{SPACELESS}]|[^\W_{SPACELESS}]+")

Passage = tuple[int, int]  # start and end, code points


def shared_passages(a: str, b: str) -> tuple[list[Passage], list[Passage]]:
    """The passages of each text that the other has too, wherever there: at least `WORDS` words in a row.

    Case, white space and punctuation make no difference; each character of a script without blanks is a word.
    In order, none touching the next.  Takes time by the texts' lengths alone.
    """
    mine, theirs = _words(a), _words(b)
    return _covered(mine, _runs(theirs)), _covered(theirs, _runs(mine))


_Word = tuple[str, int, int]  # folded, start, end
_Run = tuple[str, ...]


def _words(text: str) -> list[_Word]:
    return [(fold(found[0]), found.start(), found.end()) for found in _WORD.finditer(text)]


def _runs(words: Sequence[_Word]) -> set[_Run]:
    said = [word for word, _, _ in words]
    return set(zip(*(said[n:] for n in range(WORDS)), strict=False))


def _covered(words: Sequence[_Word], shared: set[_Run]) -> list[Passage]:
    found: list[Passage] = []
    until = 0  # words before this one are in the last passage
    said = [word for word, _, _ in words]
    for n, run in enumerate(zip(*(said[n:] for n in range(WORDS)), strict=False)):
        if run in shared:
            start = found.pop()[0] if found and n <= until else words[n][1]
            until = n + WORDS
            found.append((start, words[until - 1][2]))
    return found


def marked(text: str, passages: Sequence[Passage]) -> list[list[tuple[str, bool]]]:
    """The paragraphs of a text, each in pieces that are shared (True) or not; pieces of a paragraph make it whole."""
    edges = [(start, end, True) for start, end in passages]
    gaps = zip(
        [0, *(end for _, end in passages)], [*(start for start, _ in passages), len(text)], strict=True
    )
    edges = sorted([*edges, *((start, end, False) for start, end in gaps if start < end)])
    paragraphs: list[list[tuple[str, bool]]] = [[]]
    for start, end, is_shared in edges:
        first, *others = text[start:end].split("\n\n")
        paragraphs[-1].append((first, is_shared))
        paragraphs += [[(piece, is_shared)] for piece in others]
    return [[piece for piece in paragraph if piece[0]] for paragraph in paragraphs]
