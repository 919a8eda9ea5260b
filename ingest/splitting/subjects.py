"""What passages of a page are about: the sum of what their known words are about, in latent semantic analysis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.labellers.learned.text import Floats, Ints
from ingest.splitting.vocabulary import Columns

LEAST = 1e-3  # length of a sum that points anywhere; of less nothing is known


@dataclass(frozen=True, slots=True)
class Subjects:
    """Sums over the n units of a page, and running sums over the T of them that are texts."""

    units: Floats  # (n, d)
    before: Floats  # (T + 1, d)

    def related(self, start: Ints, gap: Ints, end: Ints) -> Floats:
        """Cosines of texts start … gap with texts gap … end; 0 where nothing is known of one side."""
        here = self.before[gap]
        return _cosines(here - self.before[start], self.before[end] - here)

    def of_units(self, first: Ints, last: Ints) -> Floats:
        """(k, n): cosines of each unit with k passages, of texts first … last, (k, n)."""
        return _cosines(self.units, self.before[last] - self.before[first])


def subjects_of(columns: Columns, texts: Ints, units: int) -> Subjects:
    """A word that comes again in a unit counts by the root of its times."""
    sums = np.zeros((units, columns.subject.shape[1]), np.float32)
    if len(columns.unit):
        begins = np.flatnonzero(np.concatenate(([True], columns.unit[1:] != columns.unit[:-1])))
        told = columns.subject[columns.word] * np.sqrt(columns.times)[:, None]
        sums[columns.unit[begins]] = np.add.reduceat(told, begins, axis=0)
    before = np.zeros((len(texts) + 1, sums.shape[1]), np.float32)
    np.cumsum(sums[texts], axis=0, out=before[1:])
    return Subjects(sums, before)


def _cosines(left: Floats, right: Floats) -> Floats:
    dot = np.einsum("...j,...j->...", left, right)
    size = np.einsum("...j,...j->...", left, left) * np.einsum("...j,...j->...", right, right)
    found: Floats = dot / np.sqrt(np.maximum(size, LEAST**4))
    return found
