"""How much the words on both sides of a gap have in common, at several widths, for all gaps of a page at once.

Texts are the units of prose; gap g lies before text g.  Words that stand in one unit only can never be shared: they
count in the sizes alone, and need no column.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ingest.labellers.learned.text import Floats, Ints
from ingest.splitting.subjects import Subjects, subjects_of
from ingest.splitting.vocabulary import MAXIMUM_CELLS, Columns, Flags, sums_by_unit

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

    start: Ints  # (T + 1, widths)
    end: Ints


@dataclass(frozen=True, slots=True)
class Cohesion:
    """Running sums over the T texts of a page, of V words that can be shared."""

    counts: Floats  # (T + 1, V): how often each word stood before each gap
    weights: Floats  # (V, 2): of each word, and the same for names alone
    # (T + 1, 5), before each gap: the weights of words that stand once, and the same for names; the squared weights of
    # all; how many running words are counted.
    sums: npt.NDArray[np.float64]
    words: Ints  # (T + 1,) running words, all of them
    subjects: Subjects

    def compare(self, start: Ints, gap: Ints, end: Ints) -> Floats:
        """(n, MEASURES) of texts start … gap with texts gap … end: cosines, and shares of words that the other has.

        `retold`: of the words behind the gap those that stand before it; `known`: the other way round.  `apart`: how
        much likelier the words are as two stories' than as one's, as the logarithm of the ratio for Dirichlet
        compound multinomials with the words' shares of sites as prior (after Eisenstein and Barzilay, 2008); and
        that for each word of the shorter side.  `related`: how near the subjects of their words are to each other.
        """
        found = np.empty((len(gap), len(MEASURES)), np.float32)
        rows = max(1, ROOM // max(1, self.counts.shape[1]))
        for i in range(0, len(gap), rows):
            part = slice(i, i + rows)
            self._compare(start[part], gap[part], end[part], found[part])
        return found

    def _compare(self, start: Ints, gap: Ints, end: Ints, found: Floats) -> None:
        since, upto = np.stack([start, gap]), np.stack([gap, end])  # of both sides
        counts = self.counts[upto] - self.counts[since]
        sums = self.sums[upto] - self.sums[since]
        product = counts[0] * counts[1]
        both = np.minimum(product, 1) @ self.weights
        of_left, of_right = np.minimum(counts, 1) @ self.weights + sums[:, :, :2]
        apart, shorter = self._apart(counts, product, sums[:, :, 4], both[:, 0])
        size = sums[0, :, 2:4] * sums[1, :, 2:4]
        found[:, :2] = np.sqrt(product) @ (self.weights * self.weights) / np.sqrt(size + 1e-6)
        found[:, 2:4] = both / (of_right + 1e-6)
        found[:, 4:6] = both / (of_left + 1e-6)
        found[:, 6] = apart / 20
        found[:, 7] = apart / (shorter + 10)
        found[:, 8] = self.subjects.related(since, upto)

    def _apart(
        self, counts: Floats, product: Floats, words: npt.NDArray[np.float64], both: Floats
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Of (2, n) sides, and how many words the shorter one has.

        `both`: the words' weights that both sides have.  Words of one side alone cancel out but for their number; words
        that stand once on either side say no more than their weight.
        """
        (again,) = (product.ravel() > 1).nonzero()
        here, there = counts.reshape(2, -1).take(again, 1).astype(np.intp)
        table = _log_factorials(int(self.counts[-1].max(initial=0)))
        said = table.take(here) + table.take(there) - table.take(here + there)
        row = again // max(1, self.counts.shape[1])
        left, right = _log_gamma(words)
        number = _log_gamma(words[0] + words[1]) - left - right + _LOG_GAMMA_OF_NONE
        return np.bincount(row, said, len(product)) - np.log(SITES) * both + number, words.min(0)

    def windows(self) -> Windows:
        """For each width and gap the first text of about so many words before it, and the end of as many behind."""
        last = len(self.words) - 1
        gaps, words = np.arange(last + 1)[:, None], self.words[:, None]
        start = self.words.searchsorted(words - WIDTHS, side="right") - 1
        end = self.words.searchsorted(words + WIDTHS, side="left")
        return Windows(
            np.maximum(np.minimum(start, gaps - 1), 0), np.minimum(np.maximum(end, gaps + 1), last)
        )


@lru_cache(maxsize=64)
def _log_factorials(n: int) -> Floats:
    """Of one less than 0 … n; of what is not there, 0."""
    return np.concatenate(([0.0, 0.0], np.cumsum(np.log(np.arange(1, n))))).astype(np.float32)


def _log_gamma(words: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Of so many words and `PRIOR`, but for what cancels out.  Stirling's series; for the large numbers here exact enough."""
    x = words + PRIOR
    found: npt.NDArray[np.float64] = (x - 0.5) * np.log(x) + 1 / (12 * x)
    return found


_LOG_GAMMA_OF_NONE = float(_log_gamma(np.zeros(1))[0])


def cohesion_of(columns: Columns, texts: Ints, words: Ints, units: int) -> tuple[Cohesion, Ints]:
    """The sums over the units of these numbers, of so many words each; and the column of each word, or -1."""
    place = np.full(units, -1)
    place[texts] = np.arange(len(texts))
    row = place[columns.unit]
    (told,) = (row >= 0).nonzero()
    row, word, times = row[told], columns.word[told], columns.times[told]
    kinds = len(columns.weights)
    in_texts = np.bincount(word, minlength=kinds)
    (numbers,) = ((in_texts > 0) & (np.bincount(columns.word, minlength=kinds) > 1)).nonzero()
    most = MAXIMUM_CELLS // (len(texts) + 1)
    if len(numbers) > most:
        often = in_texts[numbers] * columns.weights[numbers, 0]
        numbers = np.sort(numbers[np.argsort(-often, kind="stable")[:most]])
    column = np.full(kinds, -1)
    column[numbers] = np.arange(len(numbers))
    of_pair = column[word]
    shared = of_pair >= 0
    counts = np.zeros((len(texts) + 1, len(numbers)), np.float32)
    counts[row[shared] + 1, of_pair[shared]] = times[shared]
    weights = columns.weights[word].T
    sums = np.zeros((len(texts) + 1, 5))
    for i, values in enumerate((*weights * ~shared, *weights * weights * times, times)):
        sums[1:, i] = np.bincount(row, values, len(texts))
    found = Cohesion(
        counts=counts.cumsum(0, out=counts),
        weights=columns.weights[numbers],
        sums=sums.cumsum(0, out=sums),
        words=np.concatenate(([0], words[texts].cumsum())),
        subjects=subjects_of(columns, texts, units),
    )
    return found, column


def gap_measures(cohesion: Cohesion, windows: Windows) -> Floats:
    """(T + 1, len(WIDTHS) * len(MEASURES) * 2): the measures at each width, and how far each is from the page's mean."""
    gaps = len(cohesion.words)
    gap = np.arange(gaps).repeat(len(WIDTHS))
    rows = cohesion.compare(windows.start.ravel(), gap, windows.end.ravel())
    found = np.zeros((gaps, len(WIDTHS), 2, len(MEASURES)), np.float32)
    found[:, :, 0] = rows.reshape(gaps, len(WIDTHS), len(MEASURES))
    if gaps > 2:
        inner = found[1:-1, :, 0]
        off = inner - inner.sum(0) / len(inner)
        found[1:-1, :, 1] = off / (np.sqrt((off * off).sum(0) / len(inner)) + 0.02)
    return found.reshape(gaps, -1)


def unit_measures(
    cohesion: Cohesion, windows: Windows, columns: Columns, column: Ints, before: Ints, is_text: Flags
) -> Floats:
    """(n, 12): the share of each unit's words, and of its names, that texts before it and behind it have, and how
    related these are to it; near and all.

    `before`: how many texts stand before each unit.
    """
    n, unit = len(before), columns.unit
    behind = before + is_text  # a text's own words do not speak for it
    start, end = windows.start[before], windows.end[behind]
    first = np.stack([start[:, 2], behind, start[:, 3], behind], 1)  # (n, windows)
    last = np.stack([before, end[:, 2], before, end[:, 3]], 1)
    of_pair = column[columns.word]
    (held,) = (of_pair >= 0).nonzero()
    rows, cells = unit[held], of_pair[held, None]
    hit = cohesion.counts[last[rows], cells] > cohesion.counts[first[rows], cells]
    weights = columns.weights[columns.word]
    values = np.zeros((len(unit), 5, 2), np.float32)  # of all of a unit's words, and of those in each window
    values[:, 0] = weights
    values[held, 1:] = hit[:, :, None] * weights[held, None]
    sums = sums_by_unit(values, unit, n)
    found = np.empty((n, 4, 3), np.float32)
    found[:, :, :2] = sums[:, 1:] / (sums[:, :1] + 1e-6)
    found[:, :, 2] = cohesion.subjects.of_units(first, last)
    return found.reshape(n, -1)
