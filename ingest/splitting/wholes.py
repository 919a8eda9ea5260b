"""How many stories a page holds: what stands between its likely boundaries is compared as wholes.

The likeliest spans are candidates, one in each gap between two texts: what repeats inside one header opens no further
story.  A second network scores them all, told how much the wholes on both sides of each have in common; the least
likely goes, its two sides become one, and the rest are scored anew, until all that are left are likely enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ingest.labellers.learned.network import Network
from ingest.labellers.learned.text import Floats, Ints
from ingest.splitting.features import NAMES, Gaps

CANDIDATE_AT = 0.02  # of the first network's score
MAXIMUM_CANDIDATES = 40  # of a page: the likeliest
_NEAR = tuple(NAMES.index(name) for name in ("alike_120", "alike_120_off", "names_alike_120", "title", "heading", "paragraph", "standfirst"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scored:
    """A span that may open a further story, as it was last scored: when it went, or at the end."""

    index: int
    score: float
    shared: float  # of the words behind it the share, by weight, that stands before it in the wholes
    names_shared: float


def candidates_of(scores: Floats, gaps: Gaps, at: float = CANDIDATE_AT) -> Ints:
    """The spans to be looked at, in order: the likeliest of each gap that has text on both sides."""
    last = len(gaps.cohesion.words) - 1
    likely = np.flatnonzero((scores >= at) & (gaps.before > 0) & (gaps.before < last))
    order = likely[np.argsort(-scores[likely], kind="stable")]
    _, first = np.unique(gaps.before[order], return_index=True)  # the best of each gap
    return np.sort(order[np.sort(first)[:MAXIMUM_CANDIDATES]])


def whole_features(chosen: Ints, scores: Floats, gaps: Gaps) -> Floats:
    """(n, …) for n candidates, each between the one before it and the one behind it."""
    cohesion = gaps.cohesion
    last = len(cohesion.words) - 1
    gap = gaps.before[chosen]
    start, end = np.concatenate(([0], gap[:-1])), np.concatenate((gap[1:], [last]))
    zero, whole = np.zeros_like(gap), np.full_like(gap, last)
    left, right = _middle(cohesion.words, start, gap), _middle(cohesion.words, gap, end)
    likely = np.clip(scores[chosen], 1e-6, 1 - 1e-6)
    logit = np.log(likely / (1 - likely))
    rest = [np.delete(logit, i).max(initial=-14.0) for i in range(len(logit))]
    across = cohesion.compare(start, gap, end)
    inside_left, inside_right = cohesion.compare(start, left, gap), cohesion.compare(gap, right, end)
    return np.hstack(
        [
            np.stack([logit, rest, np.full(len(gap), np.log(len(gap)))], 1),
            np.log1p(np.stack([gap - start, end - gap, np.full_like(gap, last)], 1)),
            np.log1p(np.stack([cohesion.words[gap] - cohesion.words[start], cohesion.words[end] - cohesion.words[gap]], 1)),
            across,
            inside_left,
            inside_right,
            across - (inside_left + inside_right) / 2,
            cohesion.compare(zero, gap, whole),
            cohesion.compare(left, gap, right),
            gaps.numbers[chosen][:, _NEAR],
        ]
    ).astype(np.float32)  # fmt: skip


def _middle(words: Ints, start: Ints, end: Ints) -> Ints:
    """The gap nearest to the middle, by words; inside, where there are two texts."""
    half = np.searchsorted(words, (words[start] + words[end]) / 2)
    return np.clip(half, np.minimum(start + 1, end), np.maximum(end - 1, start))


def settled(network: Network, scores: Floats, gaps: Gaps, keep_at: float) -> list[Scored]:
    """Every candidate; those that stay have at least `keep_at`."""
    chosen = candidates_of(scores, gaps)
    found: list[Scored] = []
    while len(chosen):
        features = whole_features(chosen, scores, gaps)
        likely = _sigmoid(network.outputs(features, ())[:, 0])
        least = int(likely.argmin())
        gone = [least] if likely[least] < keep_at else range(len(chosen))
        found += [_scored(chosen, likely, features, i) for i in gone]
        chosen = np.delete(chosen, gone)
    return sorted(found, key=lambda scored: scored.index)


_RETOLD = 8 + 2  # where `across` says how much of the words behind stands before, and of the names behind it


def _scored(chosen: Ints, likely: Floats, features: Floats, i: int) -> Scored:
    shared, names = features[i, _RETOLD : _RETOLD + 2].tolist()
    return Scored(int(chosen[i]), round(float(likely[i]), 4), shared, names)


def _sigmoid(logits: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    return found


def states_of(scores: Floats, gaps: Gaps) -> Sequence[Ints]:
    """For the training: what `settled` may come upon, the least likely by the first network going first."""
    chosen = candidates_of(scores, gaps)
    states = []
    while len(chosen):
        states.append(chosen)
        chosen = np.delete(chosen, int(scores[chosen].argmin()))
    return states
