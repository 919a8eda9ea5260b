"""Which of several earlier texts a text copies, if any: the same for every index."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.index.protocol import UNIQUE, Verdict
from ingest.index.sketch import Overlap, Sketch, is_copy, kind_of, overlap_of
from ingest.settings import NearCopies


def best_of(sketch: Sketch, earlier: Iterable[tuple[str, Sketch]], settings: NearCopies) -> Verdict:
    """The verdict on a text beside its candidates, (document_id, sketch) in the order of their arrival."""
    best, most = None, Overlap(0.0, 0.0, 0.0)
    for name, other in earlier:
        overlap = overlap_of(sketch, other)
        # Strictly more: of equals the earliest stays.
        if is_copy(overlap, settings) and _closeness(overlap) > _closeness(most):
            best, most = name, overlap
    if best is None:
        return UNIQUE
    return Verdict("near-copy", best, most.containment, kind_of(most, settings))


def _closeness(overlap: Overlap) -> tuple[float, float]:
    return overlap.containment, overlap.jaccard
