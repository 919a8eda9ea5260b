"""Published ways to cut a text into its subjects, over lines of flat text; each gives the numbers of the lines that open one.

never split    the answer that most files want
C99            Choi 2000: ranks of the cosines of lines in an 11 × 11 mask, divided while the density's gain is
               beyond its mean and 1.2 deviations
TextTiling     Hearst 1997: blocks of 10 pseudo-sentences of 20 words, depth of the smoothed valleys beyond mean less
               half a deviation, moved to the nearest line
TF-IDF blocks  the cosine of 8 lines before and behind, weighted by the rareness of their words in the file: the
               valleys below a bound
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from benchmarks.pageset import words

Segmenter = Callable[[Sequence[str]], list[int]]

_MASK, _STRENGTH = 11, 1.2
_SENTENCE, _BLOCK = 20, 10  # words, pseudo-sentences
LINES = 8
BLOCKS_AT = (
    0.02  # the bound of the third: of .01 to .08 the best mean of exact files and spared single stories
)


def never_split(lines: Sequence[str]) -> list[int]:
    return []


def c99(lines: Sequence[str]) -> list[int]:
    numbers = _spoken(lines)
    n = len(numbers)
    if n < 3:
        return []
    counts = _counts([words(lines[i]) for i in numbers])
    ranks = _ranks(_cosines(counts))
    sums = np.zeros((n + 1, n + 1))
    sums[1:, 1:] = ranks.cumsum(0).cumsum(1)

    def inside(a: int, b: int) -> float:
        return float(sums[b, b] - sums[a, b] - sums[b, a] + sums[a, a])

    edges, densities = [0, n], [inside(0, n) / n**2]
    order: list[int] = []
    total, area = inside(0, n), float(n * n)
    best: dict[tuple[int, int], tuple[float, int]] = {}
    while len(order) < min(n - 1, 60):
        found = None
        for a, b in pairwise(edges):
            if b - a < 2:
                continue
            if (a, b) not in best:
                best[a, b] = max(
                    (inside(a, m) + inside(m, b) - inside(a, b) + 1e-9 * ((m - a) ** 2 + (b - m) ** 2), m)
                    for m in range(a + 1, b)
                )
            m = best[a, b][1]
            now = total + inside(a, m) + inside(m, b) - inside(a, b)
            size = area + (m - a) ** 2 + (b - m) ** 2 - (b - a) ** 2
            if found is None or now / size > found[0]:
                found = now / size, m, now, size
        if found is None:
            break
        density, m, total, area = found
        order.append(m)
        edges = sorted([*edges, m])
        densities.append(density)
    gains = np.diff(densities)
    if len(gains) < 3:
        return []
    smooth = np.convolve(gains, (1, 2, 4, 8, 4, 2, 1), "same") / 22
    much = np.flatnonzero(smooth > smooth.mean() + _STRENGTH * smooth.std())
    return sorted(numbers[m] for m in order[: int(much[-1]) + 1 if len(much) else 0])


def texttiling(lines: Sequence[str]) -> list[int]:
    numbers = _spoken(lines)
    told = [word for i in numbers for word in words(lines[i])]
    opens = np.cumsum([0, *(len(words(lines[i])) for i in numbers)])[:-1]
    parts = [told[i : i + _SENTENCE] for i in range(0, len(told), _SENTENCE)]
    if len(parts) < 4:
        return []
    counts = _counts(parts)
    running = np.concatenate([np.zeros((1, counts.shape[1])), counts.cumsum(0)])
    gaps = np.arange(1, len(parts))
    scores = _sides(running, gaps, np.maximum(0, gaps - _BLOCK), np.minimum(len(parts), gaps + _BLOCK))
    scores = np.convolve(np.pad(scores, 1, "edge"), np.ones(3) / 3, "valid")
    depth = np.array([_peak(scores[i::-1]) + _peak(scores[i:]) - 2 * scores[i] for i in range(len(scores))])
    bound = depth.mean() - depth.std() / 2
    low = [
        i for i in range(len(depth)) if depth[i] > bound and depth[i] == depth[max(0, i - 2) : i + 3].max()
    ]
    nearest = {int(np.abs(opens - gaps[i] * _SENTENCE).argmin()) for i in low}
    return sorted(numbers[i] for i in nearest if i)


def _peak(scores: np.ndarray) -> float:
    """Uphill from the first as long as it goes up."""
    falls = np.flatnonzero(np.diff(scores) < 0)
    return float(scores[falls[0]] if len(falls) else scores[-1])


def tfidf_blocks(lines: Sequence[str], at: float = BLOCKS_AT) -> list[int]:
    numbers = _spoken(lines)
    n = len(numbers)
    if n < 4:
        return []
    counts = _counts([[w for w in words(lines[i]) if len(w) > 3] for i in numbers])
    weights = np.log(n / np.maximum(1, (counts > 0).sum(0)))
    running = np.concatenate([np.zeros((1, counts.shape[1])), (counts * weights).cumsum(0)])
    gaps = np.arange(1, n)
    scores = _sides(running, gaps, np.maximum(0, gaps - LINES), np.minimum(n, gaps + LINES))
    return [
        numbers[gap]
        for i, gap in enumerate(gaps)
        if min(gap, n - gap) >= 3
        and scores[i] <= at
        and scores[i] == scores[max(0, i - LINES) : i + LINES].min()
    ]


def _spoken(lines: Sequence[str]) -> list[int]:
    return [i for i, line in enumerate(lines) if line.strip()]


def _counts(units: Sequence[Sequence[str]]) -> np.ndarray:
    column: dict[str, int] = {}
    for unit in units:
        for word in unit:
            column.setdefault(word, len(column))
    counts = np.zeros((len(units), max(1, len(column))), np.float32)
    for row, unit in zip(counts, units, strict=True):
        for word in unit:
            row[column[word]] += 1
    return counts


def _cosines(counts: np.ndarray) -> np.ndarray:
    scaled = counts / np.maximum(1e-9, np.linalg.norm(counts, axis=1, keepdims=True))
    return scaled @ scaled.T


def _ranks(similar: np.ndarray) -> np.ndarray:
    """The share of the neighbours in the mask that are less similar."""
    n, half = len(similar), _MASK // 2
    wide = np.pad(similar, half, constant_values=np.nan)
    less, all_ = np.zeros((n, n)), np.zeros((n, n))
    for i in range(_MASK):
        for j in range(_MASK):
            other = wide[i : i + n, j : j + n]
            less += other < similar
            all_ += ~np.isnan(other)
    return less / np.maximum(1, all_ - 1)


def _sides(running: np.ndarray, gaps: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    left, right = running[gaps] - running[start], running[end] - running[gaps]
    size = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    return (left * right).sum(1) / np.maximum(1e-9, size)


PEERS: dict[str, Segmenter] = {
    "never split": never_split,
    "C99": c99,
    "TextTiling": texttiling,
    "TF-IDF blocks": tfidf_blocks,
}
