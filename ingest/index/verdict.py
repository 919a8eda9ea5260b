"""Which of several earlier texts a text copies, if any: the same for every index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ingest.index.protocol import UNIQUE, Verdict
from ingest.index.sketch import Overlap, Sketch, is_copy, kind_of, overlap_of
from ingest.settings import NearCopies
from ingest.store.pairs import Pair


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


def said_or_best(
    sketch: Sketch,
    earlier: Mapping[int, tuple[str, Sketch]],
    said: Sequence[tuple[int, Pair]],
    settings: NearCopies,
) -> Verdict:
    """As `best_of`, with candidates by their place, under what people `said` of this text beside others.

    What is said to be a copy is one however little it shares by now; what is said to be different is none, nor are
    exact copies of it.
    """
    for place, pair in reversed(said):
        if pair.word == "copy":
            if place not in earlier:  # too short by now to be compared
                return Verdict("near-copy", pair.other_id, pair.similarity, "near")
            overlap = overlap_of(sketch, earlier[place][1])
            return Verdict("near-copy", pair.other_id, overlap.containment, kind_of(overlap, settings))
    apart = {earlier[place][1].exact for place, _ in said if place in earlier}
    return best_of(sketch, (text for text in earlier.values() if text[1].exact not in apart), settings)


def _closeness(overlap: Overlap) -> tuple[float, float]:
    return overlap.containment, overlap.jaccard
