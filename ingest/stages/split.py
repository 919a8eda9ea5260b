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
from itertools import pairwise

from ingest.model import Label, Page, Span
from ingest.vocabulary.words import fold, words

WIDTH = 8  # paragraphs looked at on either side
MINIMUM_PARAGRAPHS = 2  # on either side; less is no story
HEADER = 12  # spans within which a story's header ends
TITLE_WORDS = 4  # of letters; a clock time or a label that repeats is no title
TEXT_KINDS = frozenset(("paragraph", "standfirst"))
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
            found.append(
                f"its title's words occur in what follows, not in what came before ({self.title_fit:+.2f})"
            )
        found.append(
            f"other words ({self.new_words:.2f} of 1) and names ({self.new_names:.2f} of 1) than before"
        )
        return tuple(found)


# Logistic regression on the headline gaps of mixed files and single stories: training/splitter.py.
BIAS = -14.59
WEIGHTS = (1.67, 4.59, 2.52, 7.50, 4.35)


def split_stories(page: Page, labels: Sequence[Label], suspect_at: float) -> list[Boundary]:
    """Boundaries with at least `suspect_at` as score, in order; empty for a single story."""
    texts = [i for i, label in enumerate(labels) if label.kind in TEXT_KINDS]
    found: list[Boundary] = []
    told: dict[int, list[str]] = {}
    for headlines, before, after in candidates(page, labels, texts):
        cues = cues_at(page, labels, headlines, before, after, told)
        if (score := cues.score()) >= suspect_at:
            found.append(Boundary(headlines[0], round(score, 4), cues.evidence()))
    return found


def candidates(
    page: Page, labels: Sequence[Label], texts: Sequence[int]
) -> list[tuple[list[int], list[int], list[int]]]:
    """(headline-like spans of one gap, paragraphs before it, paragraphs behind it), with prose enough on both sides.

    A gap between two paragraphs holds one header at most: what repeats inside it opens no further story.
    """
    found = []
    for n, (left, right) in enumerate(pairwise(texts), 1):
        if right - left == 1 or min(n, len(texts) - n) < MINIMUM_PARAGRAPHS:
            continue
        headlines = [
            i for i in range(max(left + 1, right - HEADER), right) if _is_headline(page.spans[i], labels[i])
        ]
        if headlines:
            found.append((headlines, list(texts[max(0, n - WIDTH) : n]), list(texts[n : n + WIDTH])))
    return found


def _is_headline(span: Span, label: Label) -> bool:
    """Mark-up tells headlines from sub-headings: pages that append further stories give each an h1."""
    return label.kind in ("heading", "title") and (span.dom is None or span.dom.tag == "h1")


def cues_at(
    page: Page,
    labels: Sequence[Label],
    headlines: Sequence[int],
    before: Sequence[int],
    after: Sequence[int],
    told: dict[int, list[str]] | None = None,
) -> Cues:
    """What speaks for a story that opens at the first of these headline-like spans.

    `told`: the page's paragraphs as they were counted for its other candidates; filled as it goes.
    """
    told = {} if told is None else told
    header = range(headlines[0], after[0])
    titles = [fold(page.spans[i].text) for i in headlines]
    repeated = {fold(page.spans[i].text) for i in header if labels[i].reason == "repeated"}
    again = any(
        title in repeated and sum(w.isalpha() for w in words(title)) >= TITLE_WORDS for title in titles
    )
    lines = sum(labels[i].kind in _HEADER_KINDS or labels[i].reason in _HEADER_REASONS for i in header)
    left, right = _counts(page, before, told), _counts(page, after, told)
    names_left, names_right = _names(page, before), _names(page, after)
    new = len(names_right - names_left) / len(names_right) if names_right else 0.5
    return Cues(
        title_again=float(again),
        header_lines=min(1.0, lines / 2),
        title_fit=max(_fit(title, left, right) for title in titles),
        new_words=1 - _cosine(left, right),
        new_names=new,
    )


def _fit(title: str, left: Counter[str], right: Counter[str]) -> float:
    wanted = {w for w in words(title) if len(w) > 3}
    return (len(wanted & right.keys()) - len(wanted & left.keys())) / len(wanted) if wanted else 0.0


def _counts(page: Page, spans: Sequence[int], told: dict[int, list[str]]) -> Counter[str]:
    """Words longer than three characters: shorter ones say nothing of a subject in most languages."""
    counts: Counter[str] = Counter()
    for i in spans:
        if i not in told:
            told[i] = [w for w in words(fold(page.spans[i].text)) if len(w) > 3]
        counts.update(told[i])
    return counts


def _names(page: Page, spans: Sequence[int]) -> set[str]:
    return {name for i in spans for name in _NAME.findall(page.spans[i].text[1:])}


def _cosine(left: Counter[str], right: Counter[str]) -> float:
    dot = sum(n * right[w] for w, n in left.items())
    size = math.sqrt(sum(n * n for n in left.values()) * sum(n * n for n in right.values()))
    return dot / size if size else 0.0
