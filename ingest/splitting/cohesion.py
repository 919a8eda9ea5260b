"""How much the words on both sides of a gap have in common, at several widths, for all gaps of a page at once.

Texts are the units of prose; gap g lies before text g.  Words that stand in one unit only can never be shared: they
count in the sizes alone, and need no column.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.labellers.learned.text import Floats, Ints
from ingest.splitting.subjects import Subjects, subjects_of
from ingest.splitting.vocabulary import MAXIMUM_CELLS, Columns, Flags

WIDTHS = (50, 120, 300, 1 << 30)  # words looked at on either side
MEASURES = (
    "alike", "names_alike", "retold", "names_retold", "known", "names_known", "apart", "apart_rate", "related",
)  # fmt: skip
SITES = 1200.0  # from which the words' weights are: a weight of w is a share of SITES ** -w of them
ROOM = 150_000  # numbers of a table that are worked on at a time: the tables of a step stay in the processor's cache
PRIOR = 250.0  # words: how many different ones a page is expected to hold


@dataclass(frozen=True, slots=True)
class Windows:
    """Texts start … gap … end around each gap at each of `WIDTHS`."""

    start: Ints  # (widths, T + 1)
    end: Ints


@dataclass(frozen=True, slots=True)
class Cohesion:
    """Running sums over the T texts of a page, of V words that can be shared."""

    counts: Floats  # (T + 1, V): how often each word stood before each gap
    weight: Floats  # (V, 2): of each word, and the same for names alone
    alone: Floats  # (T + 1, 2): the weights of words that stand once, before each gap
    alone_squared: Floats  # (T + 1, 2)
    words: Ints  # (T + 1,) running words, all of them
    long_words: Floats  # (T + 1,) running words that are counted
    subjects: Subjects

    def compare(self, start: Ints, gap: Ints, end: Ints) -> Floats:
        """(n, MEASURES) of texts start … gap with texts gap … end: cosines, and shares of words that the other has.

        `retold`: of the words behind the gap those that stand before it; `known`: the other way round.  `apart`: how
        much likelier the words are as two stories' than as one's, as the logarithm of the ratio for Dirichlet
        compound multinomials with the words' shares of sites as prior (after Eisenstein and Barzilay, 2008); and
        that for each word of the shorter side.  `related`: how near the subjects of their words are to each other.
        """
        rows = max(1, ROOM // max(1, self.counts.shape[1]))
        parts = [slice(i, i + rows) for i in range(0, max(1, len(gap)), rows)]
        return np.concatenate([self._compare(start[part], gap[part], end[part]) for part in parts])

    def _compare(self, start: Ints, gap: Ints, end: Ints) -> Floats:
        here = self.counts[gap]
        left, right = here - self.counts[start], self.counts[end] - here
        squared = self.weight * self.weight
        dot = np.sqrt(left * right) @ squared
        size = (left @ squared + self.alone_squared[gap] - self.alone_squared[start]) * (
            right @ squared + self.alone_squared[end] - self.alone_squared[gap]
        )
        in_left, in_right = np.minimum(left, 1), np.minimum(right, 1)
        both = (in_left * in_right) @ self.weight
        of_right = in_right @ self.weight + self.alone[end] - self.alone[gap]
        of_left = in_left @ self.weight + self.alone[gap] - self.alone[start]
        apart, shorter = self._apart(left, right, both[:, 0], start, gap, end)
        found = [
            dot / np.sqrt(size + 1e-6),
            both / (of_right + 1e-6),
            both / (of_left + 1e-6),
            (apart / 20)[:, None],
            (apart / (shorter + 10))[:, None],
            self.subjects.related(start, gap, end)[:, None],
        ]
        return np.hstack(found).astype(np.float32)

    def _apart(
        self,
        left: Floats,
        right: Floats,
        both: npt.NDArray[np.floating],
        start: Ints,
        gap: Ints,
        end: Ints,
    ) -> tuple[Floats, Floats]:
        """`both`: the words' weights that both sides have.  Words of one side alone cancel out but for their number."""
        table = _log_factorials(int(self.counts[-1].max(initial=0)))
        here, there = left.astype(np.intp), right.astype(np.intp)  # `take` turns others into these, slowly
        again = table.take(here) + table.take(there) - table.take(here + there)
        before = self.long_words[gap] - self.long_words[start]
        behind = self.long_words[end] - self.long_words[gap]
        both_sides, left_side, right_side = _log_gamma(np.stack([before + behind, before, behind]) + PRIOR)
        number = both_sides - left_side - right_side + _LOG_GAMMA_OF_PRIOR
        found = again.sum(1) - np.log(SITES) * both + number
        return found.astype(np.float32), np.minimum(before, behind)

    def windows(self) -> Windows:
        """For each width and gap the first text of about so many words before it, and the end of as many behind."""
        last = len(self.words) - 1
        gaps, widths = np.arange(last + 1), np.array(WIDTHS)[:, None]
        start = np.searchsorted(self.words, self.words - widths, side="right") - 1
        end = np.searchsorted(self.words, self.words + widths, side="left")
        return Windows(
            np.clip(np.minimum(start, gaps - 1), 0, last), np.clip(np.maximum(end, gaps + 1), 0, last)
        )


def _log_factorials(n: int) -> Floats:
    """Of one less than 0 … n; of what is not there, 0."""
    return np.concatenate(([0.0, 0.0], np.cumsum(np.log(np.arange(1, n))))).astype(np.float32)


def _log_gamma(x: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Stirling's series; for the large numbers here exact enough."""
    found: npt.NDArray[np.floating] = (x - 0.5) * np.log(x) - x + 1 / (12 * x)
    return found


_LOG_GAMMA_OF_PRIOR = float(_log_gamma(np.full(1, PRIOR))[0])


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
        subjects=subjects_of(columns, texts, units),
    )
    return found, column


def _for_names(weight: Floats, name: Flags) -> Floats:
    return np.stack([weight, weight * name], 1).astype(np.float32)


def _running(row: Ints, values: Floats, texts: int) -> Floats:
    sums = [np.bincount(row, values[:, i], texts) for i in range(2)]
    return np.concatenate([np.zeros((1, 2)), np.cumsum(np.stack(sums, 1), 0)]).astype(np.float32)


def gap_measures(cohesion: Cohesion, windows: Windows) -> Floats:
    """(T + 1, len(WIDTHS) * len(MEASURES) * 2): the measures at each width, and how far each is from the page's mean."""
    gaps = np.arange(len(cohesion.words))
    rows = cohesion.compare(windows.start.ravel(), np.tile(gaps, len(WIDTHS)), windows.end.ravel())
    measured = rows.reshape(len(WIDTHS), len(gaps), len(MEASURES))
    off = np.zeros_like(measured)
    inner = measured[:, 1:-1]
    if inner.shape[1]:
        mean, deviation = inner.mean(1, keepdims=True), inner.std(1, keepdims=True)
        off[:, 1:-1] = (inner - mean) / (deviation + 0.02)
    both = np.stack([measured, off], 1)  # (widths, 2, gaps, measures)
    return both.transpose(2, 0, 1, 3).reshape(len(gaps), -1)


def unit_measures(
    cohesion: Cohesion, windows: Windows, columns: Columns, column: Ints, before: Ints, is_text: Flags
) -> Floats:
    """(n, 12): the share of each unit's words, and of its names, that texts before it and behind it have, and how
    related these are to it; near and all.

    `before`: how many texts stand before each unit.
    """
    n = len(before)
    of_pair = column[columns.word]
    weight = _for_names(columns.weight, columns.name)[columns.word]
    total = _by_unit(weight[None], columns.unit, n) + 1e-6
    held = np.flatnonzero(of_pair >= 0)
    unit, of_pair = columns.unit[held], of_pair[held]
    behind = before + is_text  # a text's own words do not speak for it
    near = [2, 3]
    first = np.stack([windows.start[near][:, before], np.broadcast_to(behind, (2, n))], 1).reshape(4, n)
    last = np.stack([np.broadcast_to(before, (2, n)), windows.end[near][:, behind]], 1).reshape(4, n)
    hit = cohesion.counts[last[:, unit], of_pair] > cohesion.counts[first[:, unit], of_pair]
    shares = _by_unit(hit[:, :, None] * weight[held], unit, n) / total
    related = cohesion.subjects.of_units(first, last)
    found = np.concatenate([shares, related[:, :, None]], 2)  # (windows, n, measures)
    return found.transpose(1, 0, 2).reshape(n, -1).astype(np.float32)


def _by_unit(values: Floats, unit: Ints, n: int) -> Floats:
    """(k, n, m): the sums over the pairs of each unit, which are in order, of (k, pairs, m)."""
    sums = np.zeros((len(values), n, values.shape[2]), np.float32)
    if len(unit):
        begins = np.flatnonzero(np.concatenate(([True], unit[1:] != unit[:-1])))
        sums[:, unit[begins]] = np.add.reduceat(values, begins, axis=1)
    return sums
