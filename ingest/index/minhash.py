"""MinHash of word 5-shingles in datasketch's scheme, to be compared with signatures made elsewhere."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ingest.index.normal import folded_paragraphs, plain
from ingest.index.shingles import word_hash, word_hashes

if TYPE_CHECKING:
    from datasketch import MinHash
    from numpy.typing import NDArray

PERMUTATIONS = 128
SEED = 1
_SLICE = 512  # shingles at once: what lies between stays in the processor's cache


def signature_of(text: str) -> NDArray[np.uint32]:
    """The `hashvalues` of ``datasketch.MinHash(hashfunc=shingles.word_hash, scheme="affine32")``.

    datasketch hashes by SHA-1, one shingle after the other; give it our `word_hash` where its signatures are
    to be compared with these.  The estimate of the Jaccard index is the share of equal values.
    """
    return minhash(word_hashes(plain(" ".join(folded_paragraphs(text)))))


def datasketch_of(text: str) -> MinHash:
    """The signature as datasketch's own object, for its LSH, forests and storages."""
    from datasketch import MinHash  # 0.7 s of imports (scipy): only who asks pays them

    return MinHash(hashvalues=signature_of(text), seed=SEED, scheme="affine32", hashfunc=word_hash)


def minhash(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The least value of each permutation; all 2**32 - 1 where there are no shingles."""
    least = np.full(PERMUTATIONS, 0xFFFFFFFF, np.uint32)
    factors, offsets = _permutations()
    values = _fmix(hashes)
    for start in range(0, values.size, _SLICE):
        permuted = np.multiply.outer(factors, values[start : start + _SLICE])
        permuted += offsets[:, None]
        np.minimum(least, permuted.min(axis=1), out=least)
    return least


def _fmix(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """MurmurHash3's last step, which datasketch puts before its permutations."""
    values = values ^ (values >> np.uint32(16))
    values *= np.uint32(0x85EBCA6B)
    values ^= values >> np.uint32(13)
    values *= np.uint32(0xC2B2AE35)
    values ^= values >> np.uint32(16)
    return values


@cache
def _permutations() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    generator = np.random.RandomState(SEED)
    factors = generator.randint(0, 1 << 31, PERMUTATIONS, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    offsets = generator.randint(0, 1 << 32, PERMUTATIONS, dtype=np.uint32)
    return factors, offsets
