"""Where a further, unrelated story begins in a dump.

A candidate is a headline-like span over prose.  It is judged by what a new story shows and a
sub-heading does not: a header of its own (the title again, captions, a dateline), a title whose
words belong to what follows and not to what came before, and a change of vocabulary and names.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.model import Label, Page
from ingest.words import fold, words

WIDTH = 8  # paragraphs looked at on either side
MINIMUM_PARAGRAPHS = 2  # on either side; less is no story
HEADER = 12  # spans within which a story's header ends
_TEXT_KINDS = frozenset(("paragraph", "standfirst"))
_HEADER_KINDS = frozenset(("caption", "date", "byline"))
_HEADER_REASONS = frozenset(("reading-time", "share-buttons", "layout"))
_NAME = re.compile(r"[A-ZÀ-ÞА-Я][\w'’-]{2,}")


@dataclass(frozen=True, slots=True)
class Boundary:
    """A further story opens at span `index`; `score` 0 … 1; `evidence` in words."""

    index: int
    score: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cues:
    """What speaks for a boundary at one candidate; each about 0 … 1."""

    title_again: float
    header_lines: float
    title_fit: float  # share of the title's words in what follows, less that in what came before
    new_words: float  # 1 - cosine of the word counts on both sides
    new_names: float  # share of the names behind that do not stand before

    def score(self) -> float:
        z = BIAS + sum(w * v for w, v in zip(WEIGHTS, self.values(), strict=True))
        return 1 / (1 + math.exp(-z))

    def values(self) -> tuple[float, ...]:
        return (self.title_again, self.header_lines, self.title_fit, self.new_words, self.new_names)

    def evidence(self) -> tuple[str, ...]:
        found = []
        if self.title_again:
            found.append("its title stands again below it")
        if self.header_lines:
            found.append("a header of its own")
        if self.title_fit > 0.2:
            found.append(f"its title's words occur in what follows, not in what came before ({self.title_fit:+.2f})")
        found.append(f"other words ({self.new_words:.2f} of 1) and names ({self.new_names:.2f} of 1) than before")
        return tuple(found)


# Logistic regression on the headline candidates of mixed files made from half of the development sites.
BIAS = -12.8
WEIGHTS = (0.94, 4.12, 2.64, 5.79, 3.72)


def split_stories(page: Page, labels: Sequence[Label], suspect_at: float) -> list[Boundary]:
    """Boundaries with at least `suspect_at` as score, in order; empty for a single story."""
    texts = [i for i, label in enumerate(labels) if label.kind in _TEXT_KINDS]
    found: list[Boundary] = []
    for index, before, after in _candidates(labels, texts):
        cues = cues_at(page, labels, index, before, after)
        if (score := cues.score()) >= suspect_at:
            found.append(Boundary(index, round(score, 4), cues.evidence()))
    return found


def _candidates(labels: Sequence[Label], texts: list[int]) -> list[tuple[int, list[int], list[int]]]:
    """(span, paragraphs before it, paragraphs behind it) for every headline-like span with prose on both sides."""
    found = []
    passed = 0
    for index, label in enumerate(labels):
        while passed < len(texts) and texts[passed] < index:
            passed += 1
        if label.kind != "heading" or min(passed, len(texts) - passed) < MINIMUM_PARAGRAPHS:
            continue
        if texts[passed] - index > HEADER:
            continue
        found.append((index, texts[max(0, passed - WIDTH) : passed], texts[passed : passed + WIDTH]))
    return found


def cues_at(page: Page, labels: Sequence[Label], index: int, before: Sequence[int], after: Sequence[int]) -> Cues:
    title = fold(page.spans[index].text)
    header = range(index + 1, after[0])
    again = any(labels[i].reason == "repeated" and fold(page.spans[i].text) == title for i in header)
    lines = sum(labels[i].kind in _HEADER_KINDS or labels[i].reason in _HEADER_REASONS for i in header)
    left, right = _counts(page, before), _counts(page, after)
    wanted = {w for w in words(title) if len(w) > 3}
    fit = (len(wanted & right.keys()) - len(wanted & left.keys())) / len(wanted) if wanted else 0.0
    names_left, names_right = _names(page, before), _names(page, after)
    new = len(names_right - names_left) / len(names_right) if names_right else 0.5
    return Cues(float(again), min(1.0, lines / 2), fit, 1 - _cosine(left, right), new)


def _counts(page: Page, spans: Sequence[int]) -> Counter[str]:
    """Words longer than three characters: shorter ones say nothing of a subject in most languages."""
    return Counter(w for i in spans for w in words(fold(page.spans[i].text)) if len(w) > 3)


def _names(page: Page, spans: Sequence[int]) -> set[str]:
    return {name for i in spans for name in _NAME.findall(page.spans[i].text[1:])}


def _cosine(left: Counter[str], right: Counter[str]) -> float:
    dot = sum(n * right[w] for w, n in left.items())
    size = math.sqrt(sum(n * n for n in left.values()) * sum(n * n for n in right.values()))
    return dot / size if size else 0.0
