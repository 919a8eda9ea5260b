"""Posting lists: who holds a shingle, of those shingles that lead to candidates.

A posting is one number: the document's place, and roughly how many shingles it has, so that who can be no copy
is told from the lists alone.  A list holds the FULL earliest documents: what a look-up reads stays bounded,
however many articles come from one template, and a further member of a family is linked to one of its first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A bottom-k sketch (Broder, "On the resemblance and containment of documents", 1997): the least of a text's kept
# shingles lead to candidates, KEYS of them, and of a long text one in LONG, so that a passage of it is found too.
# A copy cut to a fifth shares about KEYS / 5.
KEYS = 24
LONG = 32
FULL = 8  # documents in one list

_CLASSES = 8  # of size, for each doubling
_SIZES = np.exp2(np.arange(256) / _CLASSES)


@dataclass(frozen=True, slots=True)
class Postings:
    """Lists one behind the other: `documents[n]` is in the list of `keys[n]`.  Sorted, each pair once."""

    keys: NDArray[np.uint32]
    documents: NDArray[np.uint64]

    def packed(self) -> list[tuple[int, bytes]]:
        """(key, its list in one piece) in the order of the keys."""
        starts = _starts(self.keys)
        ends = np.append(starts, self.keys.size)[1:]
        whole = self.documents.astype("<u8").tobytes()
        pieces = zip((8 * starts).tolist(), (8 * ends).tolist(), strict=True)
        return [
            (key, whole[start:end])
            for key, (start, end) in zip(self.keys[starts].tolist(), pieces, strict=True)
        ]


NONE = Postings(np.empty(0, np.uint32), np.empty(0, np.uint64))


def postings_of(keys: NDArray[np.uint32], documents: NDArray[np.uint64]) -> Postings:
    """Of pairs in any order."""
    order = np.lexsort((documents, keys))
    keys, documents = keys[order], documents[order]
    once = _once(keys, documents)
    return Postings(keys[once], documents[once])


def unpacked(lists: Iterable[tuple[int, bytes]]) -> Postings:
    """What `packed` gave."""
    rows = sorted(lists)  # each list is sorted, too
    lengths = [len(packed) // 8 for _, packed in rows]
    keys = np.repeat(np.array([key for key, _ in rows], np.uint32), lengths)
    return Postings(keys, np.frombuffer(b"".join(packed for _, packed in rows), "<u8").astype(np.uint64))


def joined(held: Postings, new: Postings) -> tuple[Postings, Postings]:
    """-> the lists with the new documents in them, and those of these lists that this changes."""
    keys = np.concatenate((held.keys, new.keys))
    documents = np.concatenate((held.documents, new.documents))
    fresh = np.arange(keys.size) >= held.keys.size
    order = np.argsort(keys, kind="stable")  # one pass: they are two sorted runs
    if not _rise(keys[order], documents[order]):  # a document came after later ones
        order = np.lexsort((fresh, documents, keys))  # what both have counts as held
    keys, documents, fresh = keys[order], documents[order], fresh[order]
    once = _once(keys, documents)
    whole, fresh = Postings(keys[once], documents[once]), fresh[once]
    early = _early(whole)
    whole, fresh = Postings(whole.keys[early], whole.documents[early]), fresh[early]
    changed = np.isin(whole.keys, whole.keys[fresh])
    return whole, Postings(whole.keys[changed], whole.documents[changed])


def without(postings: Postings, gone: Postings) -> Postings:
    """The lists but for these documents of them."""
    if not gone.keys.size:
        return postings
    keys = np.concatenate((gone.keys, postings.keys))
    documents = np.concatenate((gone.documents, postings.documents))
    ours = np.arange(keys.size) >= gone.keys.size
    order = np.lexsort((ours, documents, keys))  # of a pair that both have, the one that is gone is the first
    left = order[_once(keys[order], documents[order]) & ours[order]]
    return Postings(keys[left], documents[left])


def capped(postings: Postings) -> Postings:
    """The FULL earliest documents of each list."""
    early = _early(postings)
    return Postings(postings.keys[early], postings.documents[early])


def keys_of(shingles: bytes) -> NDArray[np.uint32]:
    """Those of a text's kept shingles that lead to candidates.  `shingles`: sorted little-endian uint32."""
    kept = np.frombuffer(shingles, "<u4")
    return kept[: max(KEYS, kept.size // LONG)]


def share_of_keys(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Which part of its shingles are keys, of texts with so many."""
    return np.clip(KEYS / np.maximum(sizes, 1.0), 1 / LONG, 1.0)


def document_of(place: int, size: int) -> int:
    """A document as lists name it; these numbers are ordered as the places are."""
    return place << 8 | min(255, round(math.log2(max(size, 1)) * _CLASSES))


def places_of(documents: NDArray[np.uint64]) -> NDArray[np.int64]:
    return (documents >> np.uint64(8)).astype(np.int64)


def sizes_of(documents: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Within five in a hundred."""
    return _SIZES[(documents & np.uint64(255)).astype(np.intp)]


def _early(postings: Postings) -> NDArray[np.bool_]:
    """Which are among the FULL earliest of their list."""
    starts = _starts(postings.keys)
    lengths = np.diff(np.append(starts, postings.keys.size))
    early: NDArray[np.bool_] = np.arange(postings.keys.size) - np.repeat(starts, lengths) < FULL
    return early


def _once(keys: NDArray[np.uint32], documents: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which differ from the one before them; of sorted pairs."""
    new = np.ones(keys.size, np.bool_)
    new[1:] = (keys[1:] != keys[:-1]) | (documents[1:] != documents[:-1])
    return new


def _rise(keys: NDArray[np.uint32], documents: NDArray[np.uint64]) -> bool:
    """Whether the documents of each key rise; of sorted keys."""
    return bool(np.all((documents[1:] >= documents[:-1]) | (keys[1:] != keys[:-1])))


def _starts(keys: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Where each list begins."""
    first = np.ones(keys.size, np.bool_)
    first[1:] = keys[1:] != keys[:-1]
    return np.flatnonzero(first)
