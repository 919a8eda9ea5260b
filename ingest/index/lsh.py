"""The near-copy index in memory, on datasketch's MinHash and LSH.

What most people use, behind our interface: to compare, and where datasketch's tools are at hand.  Candidates are
texts that share a band of a MinHash of their rare shingles; what is a copy is decided as by the index in the store.
Two texts of which one is cut to a fifth of the other share no band as a rule: the store's index finds these too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from datasketch import MinHash, MinHashLSH

from ingest.index.protocol import Entry, Judged, Verdict
from ingest.index.sketch import Sketch
from ingest.index.verdict import best_of
from ingest.settings import NearCopies

# Two in a band, 64 bands: a pair that shares a third of all its shingles meets in 999 cases of 1,000.
_BANDS, _ROWS = 64, 2


@dataclass(frozen=True, slots=True)
class _Indexed:
    place: int
    document_id: str
    sketch: Sketch


class LshIndex:
    """A `NearCopyIndex` of one process, gone with it."""

    def __init__(self, settings: NearCopies) -> None:
        self._settings = settings
        self._known: dict[str, _Indexed] = {}
        self._at: dict[int, _Indexed] = {}
        self._same: defaultdict[str, set[int]] = defaultdict(
            set
        )  # by the hash of a text, the places that have it
        self._bands = MinHashLSH(num_perm=_BANDS * _ROWS, params=(_BANDS, _ROWS))

    def add(self, entries: Sequence[Entry]) -> Judged:
        placed, fresh = list[_Indexed](), list[_Indexed]()
        for entry in entries:
            known = self._known.get(entry.document_id)
            if known is not None and known.sketch == entry.sketch:
                placed.append(known)
                continue
            self.remove([entry.document_id])
            placed.append(self._insert(entry, known.place if known is not None else entry.place))
            fresh.append(placed[-1])
        later = {other for document in fresh for other in self._meeting(document) if other > document.place}
        mine = {entry.document_id for entry in entries}
        unsettled = [self._at[place].document_id for place in sorted(later)]
        return Judged(tuple(map(self._judge, placed)), tuple(name for name in unsettled if name not in mine))

    def again(self, document_ids: Sequence[str]) -> list[Verdict]:
        return [self._judge(self._known[document_id]) for document_id in document_ids]

    def remove(self, document_ids: Collection[str]) -> None:
        for document_id in document_ids:
            document = self._known.pop(document_id, None)
            if document is not None:
                del self._at[document.place]
                self._same[document.sketch.exact].discard(document.place)
                if document.place in self._bands:
                    self._bands.remove(document.place)

    def _insert(self, entry: Entry, place: int) -> _Indexed:
        document = _Indexed(place, entry.document_id, entry.sketch)
        self._known[document.document_id] = self._at[place] = document
        if document.sketch.exact:
            self._same[document.sketch.exact].add(place)
            if self._is_long(document.sketch):
                self._bands.insert(place, _minhash(document.sketch))
        return document

    def _is_long(self, sketch: Sketch) -> bool:
        """Whether texts of this length can be near-copies: shorter ones match by chance."""
        return sketch.size >= self._settings.minimum_shingles

    def _meeting(self, document: _Indexed) -> set[int]:
        """Other places that have the same text, or a band in common."""
        if not document.sketch.exact:
            return set()
        found = set(self._same[document.sketch.exact])
        if self._is_long(document.sketch):
            found.update(self._bands.query(_minhash(document.sketch)))
        return found - {document.place}

    def _judge(self, document: _Indexed) -> Verdict:
        first = min(self._same[document.sketch.exact], default=document.place)
        if first < document.place:
            return Verdict("exact-copy", self._at[first].document_id, 1.0, "exact")
        earlier = [self._at[place] for place in sorted(self._meeting(document)) if place < document.place]
        return best_of(document.sketch, ((e.document_id, e.sketch) for e in earlier), self._settings)


def _minhash(sketch: Sketch) -> MinHash:
    """Over the sketch's shingles, which are hashes already."""
    found = MinHash(num_perm=_BANDS * _ROWS, scheme="affine32", hashfunc=int)
    found.update_batch(np.frombuffer(sketch.shingles, "<u4").tolist())
    return found
