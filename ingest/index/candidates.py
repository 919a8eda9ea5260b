"""Which documents may copy which, told from posting lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from ingest.index.sketch import Sketch
from ingest.store.postings import (
    Postings,
    document_of,
    keys_of,
    places_of,
    postings_of,
    share_of_keys,
    sizes_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Of a large family of alike texts (weather reports from one template) only those that share the most
# keys are compared: a real copy shares more keys than a relative.
MAX_CANDIDATES = 32
# A copy shares fewer keys than its similarity lets expect, by more standard deviations than these, in about one
# case of a thousand.
_DEVIATIONS = 3.0


@dataclass(frozen=True, slots=True)
class Asked:
    """The keys of some documents, and whose they are."""

    places: tuple[int, ...]
    keys: NDArray[np.uint32]
    documents: NDArray[np.uint64]  # of each key

    @property
    def postings(self) -> Postings:
        return postings_of(self.keys, self.documents)


def asked_of(documents: Sequence[tuple[int, Sketch]]) -> Asked:
    """(place, sketch) of each document."""
    keys = [keys_of(sketch.shingles) for _, sketch in documents]
    named = np.array([document_of(place, sketch.size) for place, sketch in documents], np.uint64)
    whole = np.concatenate(keys) if keys else np.empty(0, np.uint32)
    return Asked(tuple(place for place, _ in documents), whole, np.repeat(named, [len(k) for k in keys]))


def candidates(asked: Asked, lists: Postings, similarity: float) -> list[tuple[int, int]]:
    """(place, place of another that may be its copy or its original), for each of the documents.

    Of the earlier ones the MAX_CANDIDATES likeliest.  Two of which one is contained in the other share, of the
    keys that both could have, about their similarity; who shares far fewer is left out.
    """
    starts = np.searchsorted(lists.keys, asked.keys, "left")
    lengths = np.searchsorted(lists.keys, asked.keys, "right") - starts
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    others = lists.documents[np.repeat(starts, lengths) + within]
    mine = np.repeat(asked.documents, lengths)
    different = places_of(others) != places_of(mine)
    if not different.any():  # as of most batches
        return []
    mine, others, shared = _counted(mine[different], others[different])
    ours, theirs = sizes_of(mine), sizes_of(others)
    # Keys that both would have, were one the other's part.
    common = np.minimum(ours, theirs) * share_of_keys(np.maximum(ours, theirs))
    fewest = common * similarity - _DEVIATIONS * np.sqrt(common * similarity * (1 - similarity))
    likely = shared >= fewest
    mine, others, shared, common = mine[likely], others[likely], shared[likely], common[likely]
    order = np.lexsort((others, -(shared / common), others > mine, mine))
    pairs = zip(places_of(mine[order]).tolist(), places_of(others[order]).tolist(), strict=True)
    return list(_likeliest(pairs))


def _likeliest(pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The first MAX_CANDIDATES of each place, then all that are later than it."""
    for place, found in groupby(pairs, itemgetter(0)):
        for n, (_, other) in enumerate(found):
            if n < MAX_CANDIDATES or other > place:
                yield place, other


def _counted(
    mine: NDArray[np.uint64], others: NDArray[np.uint64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.int64]]:
    """Each pair once, and how often it was there."""
    order = np.lexsort((others, mine))
    mine, others = mine[order], others[order]
    new = np.ones(mine.size, np.bool_)
    new[1:] = (mine[1:] != mine[:-1]) | (others[1:] != others[:-1])
    starts = np.flatnonzero(new)
    return mine[starts], others[starts], np.diff(np.append(starts, mine.size))
