"""How much the words on both sides of a gap have in common, at several widths, for all gaps of a page at once.

Texts are the units of prose; gap g lies before text g.  Words that stand in one unit only can never be shared: they
count in the sizes alone, and need no column.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.labellers.learned.text import Floats, Ints
from ingest.splitting.vocabulary import MAXIMUM_CELLS, Columns, Flags

WIDTHS = (50, 120, 300, 1 << 30)  # words looked at on either side
MEASURES = ("alike", "names_alike", "retold", "names_retold", "known", "names_known", "apart", "apart_rate")
SITES = 1200.0  # from which the words' weights are: a weight of w is a share of SITES ** -w of them
ROOM = 1_000_000  # numbers of a table that are worked on at a time
PRIOR = 250.0  # words: how many different ones a page is expected to hold


@dataclass(frozen=True, slots=True)
class Cohesion:
    """Running sums over the T texts of a page, of V words that can be shared."""

    counts: Floats  # (T + 1, V): how often each word stood before each gap
    weight: Floats  # (V, 2): of each word, and the same for names alone
    alone: Floats  # (T + 1, 2): the weights of words that stand once, before each gap
    alone_squared: Floats  # (T + 1, 2)
    words: Ints  # (T + 1,) running words, all of them
    long_words: Floats  # (T + 1,) running words that are counted

    def compare(self, start: Ints, gap: Ints, end: Ints) -> Floats:
        """(n, MEASURES) of texts start … gap with texts gap … end: cosines, and shares of words that the other has.

        `retold`: of the words behind the gap those that stand before it; `known`: the other way round.  `apart`: how
        much likelier the words are as two stories' than as one's, as the logarithm of the ratio for Dirichlet
        compound multinomials with the words' shares of sites as prior (after Eisenstein and Barzilay, 2008); and
        that for each word of the shorter side.
        """
        rows = max(1, ROOM // max(1, self.counts.shape[1]))
        parts = [slice(i, i + rows) for i in range(0, max(1, len(gap)), rows)]
        return np.concatenate([self._compare(start[part], gap[part], end[part]) for part in parts])

    def _compare(self, start: Ints, gap: Ints, end: Ints) -> Floats:
        left, right = self.counts[gap] - self.counts[start], self.counts[end] - self.counts[gap]
        squared = self.weight * self.weight
        dot = np.sqrt(left * right) @ squared
        size = (left @ squared + self.alone_squared[gap] - self.alone_squared[start]) * (
            right @ squared + self.alone_squared[end] - self.alone_squared[gap]
        )
        in_left, in_right = left > 0, right > 0
        in_both = in_left & in_right
        both = in_both.astype(np.float32) @ self.weight
        of_right = in_right.astype(np.float32) @ self.weight + self.alone[end] - self.alone[gap]
        of_left = in_left.astype(np.float32) @ self.weight + self.alone[gap] - self.alone[start]
        apart, shorter = self._apart(left, right, in_both, start, gap, end)
        found = [
            dot / np.sqrt(size + 1e-6),
            both / (of_right + 1e-6),
            both / (of_left + 1e-6),
            (apart / 20)[:, None],
            (apart / (shorter + 10))[:, None],
        ]
        return np.hstack(found).astype(np.float32)

    def _apart(
        self, left: Floats, right: Floats, both: Flags, start: Ints, gap: Ints, end: Ints
    ) -> tuple[Floats, Floats]:
        """Words of one side alone cancel out but for their number."""
        table = _log_factorials(int(self.counts[-1].max(initial=0)) + 1)
        row, word = np.nonzero(both)
        left, right = left[both].astype(np.int32), right[both].astype(np.int32)
        again = table[left - 1] + table[right - 1] - table[left + right - 1]
        again -= np.float32(np.log(SITES)) * self.weight[word, 0]
        before = self.long_words[gap] - self.long_words[start]
        behind = self.long_words[end] - self.long_words[gap]
        number = _log_gamma(before + behind + PRIOR) - _log_gamma(before + PRIOR) - _log_gamma(behind + PRIOR)
        found = np.bincount(row, again, len(both)) + number + _log_gamma(np.full(1, PRIOR))
        return found.astype(np.float32), np.minimum(before, behind)

    def windows(self, width: int) -> tuple[Ints, Ints]:
        """For each gap the first text of about so many words before it, and the end of as many behind."""
        last = len(self.words) - 1
        gaps = np.arange(last + 1)
        start = np.searchsorted(self.words, self.words - width, side="right") - 1
        end = np.searchsorted(self.words, self.words + width, side="left")
        return np.clip(np.minimum(start, gaps - 1), 0, last), np.clip(np.maximum(end, gaps + 1), 0, last)


def _log_factorials(n: int) -> Floats:
    """Of 0 … n."""
    return np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, n + 1))))).astype(np.float32)


def _log_gamma(x: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Stirling's series; for the large numbers here exact enough."""
    found: npt.NDArray[np.floating] = (x - 0.5) * np.log(x) - x + 1 / (12 * x)
    return found


def cohesion_of(columns: Columns, texts: Ints, words: Ints, units: int) -> tuple[Cohesion, Ints]:
    """The sums over the units of these numbers, of so many words each; and the column of each word, or -1."""
    place = np.full(units, -1)
    place[texts] = np.arange(len(texts))
    row = place[columns.unit]
    in_text = row >= 0
    kinds = len(columns.weight)
    shared = (np.bincount(columns.word, minlength=kinds) > 1) & (
        np.bincount(columns.word[in_text], minlength=kinds) > 0
    )
    numbers = np.flatnonzero(shared)
    most = MAXIMUM_CELLS // (len(texts) + 1)
    if len(numbers) > most:
        often = np.bincount(columns.word[in_text], minlength=kinds)[numbers] * columns.weight[numbers]
        numbers = np.sort(numbers[np.argsort(-often, kind="stable")[:most]])
    column = np.full(kinds, -1)
    column[numbers] = np.arange(len(numbers))
    counts = np.zeros((len(texts) + 1, len(numbers)), np.float32)
    of_pair = column[columns.word]
    told = in_text & (of_pair >= 0)
    counts[row[told] + 1, of_pair[told]] = columns.times[told]
    single = in_text & (of_pair < 0)
    weight, times = columns.weight[columns.word[single]], columns.times[single]
    both = np.stack([weight, weight * columns.name[columns.word[single]]], 1)
    found = Cohesion(
        counts=np.cumsum(counts, 0, out=counts),
        weight=_for_names(columns.weight[numbers], columns.name[numbers]),
        alone=_running(row[single], both, len(texts)),
        alone_squared=_running(row[single], both * both * times[:, None], len(texts)),
        words=np.concatenate(([0], np.cumsum(words[texts]))),
        long_words=np.concatenate(
            ([0], np.cumsum(np.bincount(row[in_text], columns.times[in_text], len(texts))))
        ),
    )
    return found, column


def _for_names(weight: Floats, name: Flags) -> Floats:
    return np.stack([weight, weight * name], 1).astype(np.float32)


def _running(row: Ints, values: Floats, texts: int) -> Floats:
    sums = [np.bincount(row, values[:, i], texts) for i in range(2)]
    return np.concatenate([np.zeros((1, 2)), np.cumsum(np.stack(sums, 1), 0)]).astype(np.float32)


def gap_measures(cohesion: Cohesion) -> Floats:
    """(T + 1, len(WIDTHS) * len(MEASURES) * 2): the measures at each width, and how far each is from the page's mean."""
    gaps = np.arange(len(cohesion.words))
    starts, ends = zip(*map(cohesion.windows, WIDTHS), strict=True)
    rows = cohesion.compare(np.concatenate(starts), np.tile(gaps, len(WIDTHS)), np.concatenate(ends))
    measured = rows.reshape(len(WIDTHS), len(gaps), len(MEASURES))
    off = np.zeros_like(measured)
    inner = measured[:, 1:-1]
    if inner.shape[1]:
        mean, deviation = inner.mean(1, keepdims=True), inner.std(1, keepdims=True)
        off[:, 1:-1] = (inner - mean) / (deviation + 0.02)
    both = np.stack([measured, off], 1)  # (widths, 2, gaps, measures)
    return both.transpose(2, 0, 1, 3).reshape(len(gaps), -1)


def unit_measures(cohesion: Cohesion, columns: Columns, column: Ints, before: Ints, is_text: Flags) -> Floats:
    """(n, 8): the share of each unit's words, and of its names, that texts before it and behind it have; near and all.

    `before`: how many texts stand before each unit.
    """
    n = len(before)
    of_pair = column[columns.word]
    held = of_pair >= 0
    unit, of_pair = columns.unit[held], of_pair[held]
    weight = _for_names(columns.weight[columns.word], columns.name[columns.word])
    total = np.stack([np.bincount(columns.unit, weight[:, i], n) for i in range(2)], 1) + 1e-6
    weight = weight[held]
    gap, behind = before[unit], (before + is_text)[unit]  # a text's own words do not speak for it
    found = []
    for width in (WIDTHS[2], WIDTHS[3]):
        start, end = cohesion.windows(width)
        left = cohesion.counts[gap, of_pair] > cohesion.counts[start[gap], of_pair]
        right = cohesion.counts[end[behind], of_pair] > cohesion.counts[behind, of_pair]
        for hit in (left, right):
            share = [np.bincount(unit, weight[:, i] * hit, n) for i in range(2)]
            found.append(np.stack(share, 1) / total)
    return np.hstack(found).astype(np.float32)
