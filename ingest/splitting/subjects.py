"""What passages of a page are about: the sum of what their known words are about, in latent semantic analysis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.labellers.learned.text import Floats, Ints
from ingest.splitting.vocabulary import Columns, sums_by_unit

LEAST = 1e-3  # length of a sum that points anywhere; of less nothing is known


@dataclass(frozen=True, slots=True)
class Subjects:
    """Sums over the n units of a page, and running sums over the T of them that are texts."""

    units: Floats  # (n, d)
    before: Floats  # (T + 1, d)

    def related(self, since: Ints, upto: Ints) -> Floats:
        """(n,): cosines of (2, n) passages, of texts since … upto; 0 where nothing is known of one."""
        left, right = self.before[upto] - self.before[since]
        return _cosines(left, right)

    def of_units(self, first: Ints, last: Ints) -> Floats:
        """(n, k): cosines of each unit with k passages, of texts first … last, (n, k)."""
        return _cosines(self.units[:, None], self.before[last] - self.before[first])


def subjects_of(columns: Columns, texts: Ints, units: int) -> Subjects:
    """A word that comes again in a unit counts by the root of its times."""
    row = columns.row[columns.word]
    (known,) = (row >= 0).nonzero()
    told = columns.lexicon.subjects[row[known]] * np.sqrt(columns.times[known])[:, None]
    sums = sums_by_unit(told, columns.unit[known], units)
    before = np.zeros((len(texts) + 1, sums.shape[1]), np.float32)
    sums[texts].cumsum(0, out=before[1:])
    return Subjects(sums, before)


def _cosines(left: Floats, right: Floats) -> Floats:
    dot = np.einsum("...j,...j->...", left, right)
    size = np.einsum("...j,...j->...", left, left) * np.einsum("...j,...j->...", right, right)
    found: Floats = dot / np.sqrt(np.maximum(size, LEAST**4))
    return found
