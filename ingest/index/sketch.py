"""What the near-copy index keeps of a text, computed from the text alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ingest.vocabulary.words import fold, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHINGLE_WORDS = 5
PERMUTATIONS = 128
SEED = 1
# Two rows a band: a pair of Jaccard .20 meets in a band in 93 of 100 cases, of .10 in 47.  A copy cut to
# a fifth has Jaccard .20 with its original, so bands tuned to a high Jaccard would never propose it.  The
# false candidates that two rows let in cost a look each: verification decides.
ROWS = 2
BANDS = PERMUTATIONS // ROWS
_SLICE = 8192  # shingles given to MinHash at once: it builds an array of shingles by permutations


@dataclass(frozen=True, slots=True)
class Sketch:
    """`exact` is "" for a text without words, which copies nothing; `shingles` are sorted little-endian uint64."""

    exact: str  # sha256 of the folded text, hex
    bands: tuple[int, ...]  # signed 64-bit keys; two texts with one in common may be near-copies
    shingles: bytes

    @property
    def size(self) -> int:
        """Different shingles."""
        return len(self.shingles) // 8


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of two texts is shared, measured on their shingle sets; both 0 … 1."""

    containment: float  # share of the smaller set
    jaccard: float  # share of the union


def sketch_of(text: str) -> Sketch:
    """The sketch of one text.  Case, white space and the style of quotes and dashes make no difference.

    MinHash with banding as in Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", chapter 3, by
    datasketch.  Hashes are SHA-1, the same in every process and on every machine.
    """
    folded = fold(text)
    found = words(folded)
    if not found:
        return Sketch("", (), b"")
    shingles = _shingles(found)
    return Sketch(
        exact=hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest(),
        bands=_bands(shingles),
        shingles=shingles.astype("<u8").tobytes(),
    )


def overlap_of(one: Sketch | bytes, other: Sketch | bytes) -> Overlap:
    """The overlap of two sketches or their `shingles`; a text without shingles overlaps with nothing."""
    left, right = _array(one), _array(other)
    smaller = min(left.size, right.size)
    if not smaller:
        return Overlap(0.0, 0.0)
    shared = int(np.intersect1d(left, right, assume_unique=True).size)
    return Overlap(shared / smaller, shared / (left.size + right.size - shared))


def _array(sketch: Sketch | bytes) -> NDArray[np.uint64]:
    return np.frombuffer(sketch if isinstance(sketch, bytes) else sketch.shingles, dtype="<u8")


def _shingles(found: list[str]) -> NDArray[np.uint64]:
    digests = b"".join(
        hashlib.sha1(
            " ".join(found[i : i + SHINGLE_WORDS]).encode("utf-8", "surrogatepass"), usedforsecurity=False
        ).digest()[:8]
        for i in range(len(found) - SHINGLE_WORDS + 1)
    )
    return np.unique(np.frombuffer(digests, dtype="<u8")).astype(np.uint64)


def _bands(shingles: NDArray[np.uint64]) -> tuple[int, ...]:
    if not shingles.size:
        return ()
    minhash = _empty_minhash().copy()
    for start in range(0, shingles.size, _SLICE):
        # The low half of our 64-bit value is datasketch's own sha1_hash32 of the same shingle.
        minhash.update_batch((shingles[start : start + _SLICE] & np.uint64(0xFFFFFFFF)).tolist())
    values = minhash.hashvalues.astype("<u4").reshape(BANDS, ROWS)
    return tuple(
        int.from_bytes(
            hashlib.blake2b(row.tobytes(), digest_size=8, salt=n.to_bytes(2, "little")).digest(),
            "little",
            signed=True,
        )
        for n, row in enumerate(values)
    )


@cache  # making the permutations costs more than sketching an article
def _empty_minhash() -> Any:
    from datasketch import MinHash  # 0.7 s of imports (scipy): only the processes that clean pay them

    return MinHash(num_perm=PERMUTATIONS, seed=SEED, hashfunc=int, scheme="affine32")
