"""Shingles of a text, hashed by numpy: all windows at once, the same numbers in every process and release."""

from __future__ import annotations

import zlib
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHARACTERS = 8
WORDS = 5
# FracMinHash (Irber et al., "Lightweight compositional analysis of metagenomes with FracMinHash", 2022): the
# shingles whose hash falls in one fixed part of all, one in KEPT (a power of two), are evidence of how much two
# texts share.  The least of them lead to candidates: `ingest.store.postings`.
KEPT = 4
# The frozen list of common shingles marks cells of a table of this many bits' addresses: a rare shingle in a
# cell of a common one is taken for common, one in about fifty, in every text alike.
COMMON_BITS = 22
COMMON_FILE = "common-shingles-1.npz"

_ONE = np.uint64(0x9E3779B97F4A7C15)
_TWO = np.uint64(0xBF58476D1CE4E5B9)
_BASE = 0x5851F42D4C957F2D  # odd: it has an inverse modulo 2**64
_BASE_INVERSE = pow(_BASE, -1, 1 << 64)


def character_hashes(plain: str) -> NDArray[np.uint64]:
    """Hashes of all windows of 8 letters and digits, blanks left out: of them a KEPT-th.

    Of a letter beyond Latin-1 its last eight bits count: within one script these tell letters apart, and eight
    such in a row tell texts apart.
    """
    letters = plain.replace(" ", "")
    if letters.isascii():
        data = letters.encode("ascii")
    else:
        units = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), "<u4")
        data = units.astype(np.uint8).tobytes()
    if len(data) < CHARACTERS:
        return np.empty(0, np.uint64)
    windows: NDArray[np.uint64] = np.ndarray((len(data) - CHARACTERS + 1,), "<u8", data, strides=(1,))
    hashes = _mixed(windows)
    kept: NDArray[np.uint64] = hashes[(hashes & np.uint64(KEPT - 1)) == 0]
    return kept


def rare(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Those that are not in the list of common shingles."""
    found: NDArray[np.uint64] = hashes[~_common()[hashes >> np.uint64(64 - COMMON_BITS)]]
    return found


def word_hashes(plain: str) -> NDArray[np.uint32]:
    """32-bit hashes of the word 5-shingles, in the text's order; none of a text with fewer words.

    Of the characters from the first word's begin to the fifth word's end, the blanks between them too:
    a polynomial by Rabin and Karp modulo 2**64, all from one running sum, and its bits mixed.
    """
    units = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    blanks = np.flatnonzero(units == 32)
    if blanks.size < WORDS - 1:
        return np.empty(0, np.uint32)
    starts = np.concatenate(([0], blanks + 1))[: blanks.size + 2 - WORDS]
    ends = np.concatenate((blanks, [units.size]))[WORDS - 1 :]
    powers, inverses = _powers(1 << int(units.size).bit_length())
    sums = np.zeros(units.size + 1, np.uint64)
    np.cumsum(units * powers[: units.size], out=sums[1:])
    hashes = _mixed((sums[ends] - sums[starts]) * inverses[starts])
    return (hashes >> np.uint64(32)).astype(np.uint32)


def word_hash(shingle: bytes) -> int:
    """The hash of one word shingle (UTF-8, words with one blank between): `hashfunc` for datasketch.MinHash."""
    total = 0
    for place, character in enumerate(shingle.decode("utf-8", "surrogatepass")):
        total += ord(character) * pow(_BASE, place, 1 << 64)
    return int(_mixed(np.array([total % (1 << 64)], np.uint64))[0]) >> 32


def number_hashes(plain: str) -> NDArray[np.uint32]:
    """Hashes of the different numbers, sorted: words of digits alone."""
    found = {zlib.crc32(word.encode()) for word in plain.split(" ") if word.isdecimal()}
    return np.array(sorted(found), np.uint32)


def sorted_once(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """As numpy.unique, which takes longer for some thousand values."""
    values = np.sort(values)
    new = np.ones(values.size, np.bool_)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return values[new]


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = values * _ONE
    values ^= values >> np.uint64(32)
    values *= _TWO
    values ^= values >> np.uint64(29)
    return values


@lru_cache(maxsize=8)
def _powers(size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The first powers of the base and of its inverse."""

    def of(base: int) -> NDArray[np.uint64]:
        factors = np.full(size, base, np.uint64)
        factors[0] = 1
        return np.cumprod(factors, dtype=np.uint64)

    return of(_BASE), of(_BASE_INVERSE)


@cache
def _common() -> NDArray[np.bool_]:
    cells = np.zeros(1 << COMMON_BITS, np.bool_)
    with (files("ingest.models") / COMMON_FILE).open("rb") as file:
        gaps = np.load(file)["gaps"]
    cells[np.cumsum(gaps, dtype=np.int64)] = True
    return cells
