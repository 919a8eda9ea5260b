"""How near a cleaned text comes to the gold.

Words     precision, recall and F1 of the bags of words; means over pages.
4-grams   the same of runs of four words, case kept: order and copies count.  F1 of the mean precision and recall.
Paragraphs  F1 of whole lines with the same words; mean over pages.
With, without  share of the required and of the forbidden snippets that stand in the text; pages that list some.

Where paragraphs of the gold are optional, the reading of the gold counts that is nearest to the text.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import combinations
from typing import Any, NamedTuple

from benchmarks.pageset import Page, paragraphs, words

# Above so many optional paragraphs only all of them or none are tried: the choices double with each.
OPTIONAL_CHOICES = 5


class PageScore(NamedTuple):
    """One page; None where the page says nothing of it (no words, no snippets)."""

    precision: float
    recall: float
    f1: float
    gram_precision: float | None
    gram_recall: float | None
    paragraphs: float
    required: float | None
    forbidden: float | None


class Means(NamedTuple):
    """Many pages; nan where none of them says anything of it."""

    pages: int
    precision: float
    recall: float
    f1: float
    grams: float
    paragraphs: float
    required: float
    forbidden: float


class _Text:
    """A text with its counts, made once though many are compared with it."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def words(self) -> Counter[str]:
        return Counter(words(self.text))

    @cached_property
    def grams(self) -> Counter[tuple[str, ...]]:
        run = words(self.text, lower=False)
        return Counter(tuple(run[i : i + 4]) for i in range(max(1, len(run) - 3))) if run else Counter()

    @cached_property
    def paragraphs(self) -> Counter[str]:
        return Counter(p for line in paragraphs(self.text) if (p := " ".join(words(line))))


class Gold:
    """The gold of one page, for any number of cleaned texts."""

    def __init__(self, page: Page) -> None:
        self._readings = [_Text(text) for text in _readings(page)]
        self._required = [" ".join(words(snippet)) for snippet in page.required]
        self._forbidden = [" ".join(words(snippet)) for snippet in page.forbidden]

    def score(self, text: str) -> PageScore:
        found = _Text(text)
        run = " ".join(words(text))
        gold = max(self._readings, key=lambda reading: agreement(found.words, reading.words)[2])
        same = (found.grams & gold.grams).total()
        return PageScore(
            *agreement(found.words, gold.words),
            same / found.grams.total() if found.grams else None,
            same / gold.grams.total() if gold.grams else None,
            agreement(found.paragraphs, gold.paragraphs)[2],
            _share_in(run, self._required),
            _share_in(run, self._forbidden),
        )


def agreement(found: Counter[Any], gold: Counter[Any]) -> tuple[float, float, float]:
    """Precision, recall and F1 of two bags; two empty ones agree."""
    if not found or not gold:
        return (float(found == gold),) * 3
    same = (found & gold).total()
    p, r = same / found.total(), same / gold.total()
    return p, r, _harmonic(p, r)


def means(scores: Sequence[PageScore]) -> Means:
    def mean(values: Iterable[float | None]) -> float:
        known = [value for value in values if value is not None]
        return statistics.fmean(known) if known else float("nan")

    p, r, f1, gram_p, gram_r, whole, required, forbidden = map(mean, zip(*scores, strict=True))
    return Means(len(scores), p, r, f1, _harmonic(gram_p, gram_r), whole, required, forbidden)


def _harmonic(p: float, r: float) -> float:
    return 2 * p * r / (p + r) if p + r > 0 else 0.0


def _share_in(run: str, snippets: list[str]) -> float | None:
    return sum(snippet in run for snippet in snippets) / len(snippets) if snippets else None


def _readings(page: Page) -> Iterator[str]:
    """The gold with every choice of its optional paragraphs, the fullest first."""
    gold = paragraphs(page.gold)
    optional = [" ".join(paragraph.split()) for paragraph in page.optional]
    few = len(optional) <= OPTIONAL_CHOICES
    for size in range(len(optional) + 1) if few else (0, len(optional)):
        for left_out in combinations(optional, size):
            yield "\n".join(paragraph for paragraph in gold if paragraph not in left_out)
