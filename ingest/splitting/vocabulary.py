"""The longer words of a page as columns: where each stands, what it weighs, whether it is a name, what it is about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.labellers.learned.text import Floats, Ints, Words

SHORTEST = 4  # characters of a word that says something of a subject, in most languages
MAXIMUM_CELLS = 4_000_000  # texts times words that are counted; of longer pages the rarer words are left out
NAME_SHARE = 0.75  # of a word's places inside sentences, that open with a capital

_PAIR = np.uint64(31)

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What is known of words: how much each says, and what it is about."""

    known: npt.NDArray[np.uint32]  # sorted hashes
    weights: Floats  # little where a word stands on many sites; 1 of one that was never seen
    subjects: Floats  # (len(known), d): words of one subject point one way; 0 of one that was never seen

    def of(self, hashes: npt.NDArray[np.uint32]) -> tuple[Floats, Ints]:
        """Their weights, and which row each has here; -1 of one that was never seen."""
        weights, row = np.ones(len(hashes), np.float32), np.full(len(hashes), -1)
        if len(self.known):
            place = np.minimum(self.known.searchsorted(hashes), len(self.known) - 1)
            (hit,) = (self.known[place] == hashes).nonzero()
            row[hit] = place[hit]
            weights[hit] = self.weights[row[hit]]
        return weights, row


@dataclass(frozen=True, slots=True)
class Columns:
    """Each word of a unit once, as (unit, word) pairs in the order of the units, and what is known of the words."""

    unit: Ints  # of each pair
    word: Ints  # of each pair: the column
    times: Floats  # of each pair
    weights: Floats  # (words, 2): of each word, and the same for names alone
    row: Ints  # of each word in `lexicon`, or -1
    lexicon: Lexicon


def word_hashes(words: Words) -> tuple[npt.NDArray[np.uint32], Ints]:
    """The stems of the longer words, pairs of characters in scripts without blanks, hashed; and where these words stand."""
    stems = words.stems
    alone = words.length == 1
    long = words.length >= SHORTEST
    (pairs,) = (alone & np.concatenate((alone[1:], alone[:1]))).nonzero()
    if len(pairs):
        long[pairs] = True
        stems = stems.copy()
        stems[pairs] = stems[pairs] * _PAIR + words.stems[(pairs + 1) % len(stems)]
    (place,) = long.nonzero()
    return stems[place].astype(np.uint32), place


def columns_of(words: Words, lexicon: Lexicon) -> Columns:
    """The columns of a page's words."""
    hashes, place = word_hashes(words)
    block = words.block[place]
    inner = place != words.first[block]
    known, word = np.unique(hashes, return_inverse=True)
    pairs = block * max(1, len(known)) + word
    pairs.sort()
    begins = _runs(pairs)
    unit, column = np.divmod(pairs[begins], max(1, len(known)))
    inside = np.bincount(word, inner, len(known))
    upper = np.bincount(word, inner & words.capital[place], len(known))
    weight, row = lexicon.of(known)
    weights = np.stack([weight, weight * ((inside > 0) & (upper >= NAME_SHARE * inside))], 1)
    times = (np.append(begins[1:], len(pairs)) - begins).astype(np.float32)
    return Columns(unit, column, times, weights, row, lexicon)


def sums_by_unit(values: Floats, unit: Ints, units: int) -> Floats:
    """(units, …): the sums of what is said of the pairs of each unit, (pairs, …)."""
    sums = np.zeros((units, *values.shape[1:]), np.float32)
    if len(unit):
        begins = _runs(unit)
        sums[unit[begins]] = np.add.reduceat(values, begins, axis=0)
    return sums


def _runs(values: Ints) -> Ints:
    """Where each run of equal values begins."""
    opens = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=opens[1:])
    return opens.nonzero()[0]
