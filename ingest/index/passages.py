"""The passages that two texts share: what explains to people why one is linked to the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.index.shingles import WORDS
from ingest.vocabulary.words import SPACELESS, fold

_WORD = re.compile(rf"[{SPACELESS}]|[^\W_{SPACELESS}]+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one text that the other holds too, word for word; offsets in code points."""

    start: int
    end: int
    words: int


def shared_passages(text: str, other: str) -> list[Passage]:
    """Of the first text, the longest stretches whose every word stands in five that the other has in this order.

    Case, white space and punctuation make no difference.  Linear in the length of both.
    """
    found = [(match.start(), match.end(), fold(match[0])) for match in _WORD.finditer(text)]
    theirs = set(_shingles([fold(match[0]) for match in _WORD.finditer(other)]))
    passages = list[Passage]()
    first, end = 0, 0  # of the stretch in work, in words
    for n, shingle in enumerate(_shingles([word for _, _, word in found])):
        if shingle not in theirs:
            continue
        if n > end or not end:
            _close(passages, found, first, end)
            first = n
        end = n + WORDS
    _close(passages, found, first, end)
    return passages


def word_count(text: str) -> int:
    """Words as passages count them."""
    return sum(1 for _ in _WORD.finditer(text))


def _shingles(words: list[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(words[n:] for n in range(WORDS)), strict=False)


def _close(passages: list[Passage], found: list[tuple[int, int, str]], first: int, end: int) -> None:
    if end:
        passages.append(Passage(found[first][0], found[end - 1][1], end - first))
