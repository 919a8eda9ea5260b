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

    def of(self, hashes: npt.NDArray[np.uint32]) -> tuple[Floats, Floats]:
        """Their weights and their subjects."""
        weights = np.ones(len(hashes), np.float32)
        subjects = np.zeros((len(hashes), self.subjects.shape[1]), np.float32)
        if len(self.known):
            place = np.minimum(np.searchsorted(self.known, hashes), len(self.known) - 1)
            hit = np.flatnonzero(self.known[place] == hashes)
            weights[hit], subjects[hit] = self.weights[place[hit]], self.subjects[place[hit]]
        return weights, subjects


@dataclass(frozen=True, slots=True)
class Columns:
    """Each word of a unit once, as (unit, word) pairs in the order of the units, and what is known of the words."""

    unit: Ints  # of each pair
    word: Ints  # of each pair: the column
    times: Floats  # of each pair
    weight: Floats  # of each word
    subject: Floats  # (words, d)
    name: Flags  # of each word


def word_hashes(words: Words) -> tuple[npt.NDArray[np.uint32], Flags]:
    """The stems of the longer words, pairs of characters in scripts without blanks, hashed; and which words have one."""
    alone = words.length == 1
    following = np.roll(alone, -1)
    long = (words.length >= SHORTEST) | (alone & following)
    pairs = words.stems * _PAIR + np.roll(words.stems, -1)
    return np.where(alone, pairs, words.stems)[long].astype(np.uint32), long


def columns_of(words: Words, lexicon: Lexicon) -> Columns:
    """The columns of a page's words."""
    hashes, long = word_hashes(words)
    block, capital = words.block[long], words.capital[long]
    inner = (np.arange(len(words.block)) != words.first[words.block])[long]
    known, word = np.unique(hashes, return_inverse=True)
    kinds = max(1, len(known))
    pairs, times = np.unique(block * kinds + word, return_counts=True)
    inside = np.bincount(word, inner, len(known))
    upper = np.bincount(word, inner & capital, len(known))
    weight, subject = lexicon.of(known)
    return Columns(
        unit=pairs // kinds,
        word=pairs % kinds,
        times=times.astype(np.float32),
        weight=weight,
        subject=subject,
        name=(inside > 0) & (upper >= NAME_SHARE * inside),
    )
