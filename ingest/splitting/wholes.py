"""How many stories a page holds: what stands between its likely boundaries is compared as wholes.

The likeliest spans are candidates; those in one gap between two texts are lines of one header, which opens one story.
Networks of a second kind score them all, told how much the wholes on both sides of each gap have in common; the least
likely gap goes, its two sides become one, and the rest are scored anew, until all that are left are likely enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ingest.labellers.learned.features import Features
from ingest.labellers.learned.network import Network
from ingest.labellers.learned.scores import probabilities
from ingest.labellers.learned.text import Floats, Ints
from ingest.splitting.features import NAMES, Gaps

CANDIDATE_AT = 0.001  # of the first network's score
HEADER_SHARE = 0.02  # of the score of the likeliest line of a gap; less likely ones are not looked at
MAXIMUM_LINES = 5  # of a gap: the likeliest
MAXIMUM_GAPS = 30  # of a page: the likeliest
MAXIMUM_SCORE = 0.9999  # no boundary is certain: at a threshold of 1 every file stays whole
_LINE = (
    "words", "ends_terminal", "capital_words", "digits", "seen_before", "comes_again", "gap_before", "gap_after", "title",
    "heading", "paragraph", "standfirst", "caption", "date", "byline", "boilerplate", "body_score", "opens_header",
    "since_text", "until_text", "words_before_300", "words_behind_300", "names_before_all", "names_behind_300",
    "alike_120", "alike_120_off", "names_alike_120", "apart_300", "apart_300_off", "related_120", "related_120_off",
    "related_before_300", "related_behind_300", "related_before_all", "related_behind_all",
)  # fmt: skip
_NUMBERS = tuple(NAMES.index(name) for name in _LINE)
_SUPPORT = tuple(NAMES.index(name) for name in ("words", "words_before_300", "words_behind_300"))


@dataclass(frozen=True, slots=True)
class Scored:
    """A span that may open a further story, as it was last scored: when it went, or at the end."""

    index: int
    score: float
    shared: float  # of the words behind it the share, by weight, that stands before it in the wholes
    names_shared: float


def candidates_of(scores: Floats, gaps: Gaps, at: float = CANDIDATE_AT) -> Ints:
    """The spans to be looked at, in order: the likeliest lines of the likeliest gaps that have text on both sides."""
    last = len(gaps.cohesion.words) - 1
    likely = np.flatnonzero((scores >= at) & (gaps.before > 0) & (gaps.before < last))
    order = likely[np.argsort(-scores[likely], kind="stable")]
    chosen: list[int] = []
    best: dict[int, float] = {}
    lines: dict[int, int] = {}
    for i, gap, score in zip(
        order.tolist(), gaps.before[order].tolist(), scores[order].tolist(), strict=True
    ):
        if gap not in best:
            if len(best) == MAXIMUM_GAPS:
                continue
            best[gap], lines[gap] = score, 0
        if lines[gap] < MAXIMUM_LINES and score >= HEADER_SHARE * best[gap]:
            lines[gap] += 1
            chosen.append(i)
    support = title_support(gaps)
    for gap in best:  # and the line that looks most like the title of what follows
        first, end = np.searchsorted(gaps.before, (gap, gap + 1))
        chosen.append(int(first + support[first:end].argmax()))
    return np.array(sorted(set(chosen)), np.int64)


def title_support(gaps: Gaps) -> Floats:
    """(n,) how many of each line's words, at most 12, the next texts have and the texts before it have not."""
    words, before, behind = gaps.numbers[:, _SUPPORT].T
    return np.asarray((behind - before) * np.minimum(np.expm1(words), 12) / 4, np.float32)


def whole_features(chosen: Ints, scores: Floats, gaps: Gaps) -> Floats:
    """(n, …) for n candidates; the gap of each lies between the one before it and the one behind it."""
    cohesion = gaps.cohesion
    last = len(cohesion.words) - 1
    gap, of_line, lines = np.unique(gaps.before[chosen], return_inverse=True, return_counts=True)
    start, end = np.concatenate(([0], gap[:-1])), np.concatenate((gap[1:], [last]))
    zero, whole = np.zeros_like(gap), np.full_like(gap, last)
    left, right = _middle(cohesion.words, start, gap), _middle(cohesion.words, gap, end)
    across = cohesion.compare(start, gap, end)
    inside_left, inside_right = cohesion.compare(start, left, gap), cohesion.compare(gap, right, end)
    words = cohesion.words
    sizes = [gap - start, end - gap, whole, words[gap] - words[start], words[end] - words[gap], lines]
    wholes = np.hstack(
        [
            across,
            inside_left,
            inside_right,
            across - (inside_left + inside_right) / 2,
            cohesion.compare(zero, gap, whole),
            cohesion.compare(left, gap, right),
            np.log1p(np.stack([*sizes, np.full_like(gap, len(gap))], 1)),
        ]
    )
    likely = np.clip(scores[chosen], 1e-6, 1 - 1e-6)
    logit = np.log(likely / (1 - likely))
    best = np.full(len(gap), -14.0)
    np.maximum.at(best, of_line, logit)
    others = np.array([np.delete(best, i).max(initial=-14.0) for i in range(len(best))])
    first = np.concatenate(([0], np.cumsum(lines)[:-1]))
    place = np.arange(len(chosen)) - first[of_line]
    support = title_support(gaps)[chosen]
    most = np.full(len(gap), -9.0)
    np.maximum.at(most, of_line, support)
    by_line = np.stack(
        [
            logit,
            best[of_line],
            logit - best[of_line],
            others[of_line],
            place,
            support,
            support - most[of_line],
        ],
        1,
    )
    found = np.hstack([wholes[of_line], by_line, gaps.numbers[chosen][:, _NUMBERS]])
    return found.astype(np.float32)


def _middle(words: Ints, start: Ints, end: Ints) -> Ints:
    """The gap nearest to the middle, by words; inside, where there are two texts."""
    half = np.searchsorted(words, (words[start] + words[end]) / 2)
    return np.clip(half, np.minimum(start + 1, end), np.maximum(end - 1, start))


def settled(networks: Sequence[Network], scores: Floats, gaps: Gaps, keep_at: float) -> list[Scored]:
    """The likeliest line of every gap that was looked at; those that stay have at least `keep_at`."""
    found: list[Scored] = []
    for left in rounds(networks, scores, gaps):
        least = min(left, key=lambda scored: scored.score)
        if least.score >= keep_at:
            found += left
            break
        found.append(least)
    return sorted(found, key=lambda scored: scored.index)


def rounds(networks: Sequence[Network], scores: Floats, gaps: Gaps) -> Iterator[list[Scored]]:
    """What is left in each round, which the least likely does not outlast.

    A gap's score is the sum of its lines': one of them opens a story, or none.
    """
    chosen = candidates_of(scores, gaps)
    while len(chosen):
        features = whole_features(chosen, scores, gaps)
        likely = np.mean([*probabilities(networks, Features(features, ()))], axis=0)
        _, of_line = np.unique(gaps.before[chosen], return_inverse=True)
        sums = np.minimum(np.bincount(of_line, likely).round(4), MAXIMUM_SCORE)
        order = np.lexsort((-likely * scores[chosen], of_line))
        # The line of each gap that both kinds find likely.
        best = order[np.searchsorted(of_line, np.arange(len(sums)))]
        yield [
            Scored(int(chosen[line]), float(total), *features[line, _RETOLD : _RETOLD + 2].tolist())
            for line, total in zip(best, sums, strict=True)
        ]
        chosen = chosen[of_line != sums.argmin()]


_RETOLD = 2  # where the features say how much of the words behind stands before, and of the names behind it


def states_of(scores: Floats, gaps: Gaps) -> Sequence[Ints]:
    """For the training: what `settled` may come upon, the least likely gap by the first network going first."""
    chosen = candidates_of(scores, gaps)
    states = []
    while len(chosen):
        states.append(chosen)
        _, of_line = np.unique(gaps.before[chosen], return_inverse=True)
        best = np.zeros(of_line.max() + 1)
        np.maximum.at(best, of_line, scores[chosen])
        chosen = chosen[of_line != best.argmin()]
    return states
