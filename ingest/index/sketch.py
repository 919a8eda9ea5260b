"""What the near-copy index keeps of a text, computed from the text alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ingest.index.normal import folded_paragraphs, plain, prose_of
from ingest.index.shingles import character_hashes, number_hashes, rare, sorted_once
from ingest.model import CopyKind, Plain
from ingest.settings import NearCopies

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Raised whenever the same text gets another sketch: stored ones of another algorithm are compared with none
# until `reindex` makes them anew.
ALGORITHM = 2


@dataclass(frozen=True, slots=True)
class Sketch(Plain):
    """`exact` is "" for a text without words, which copies nothing; arrays are sorted little-endian uint32."""

    exact: str  # sha256 of the folded text, hex
    shingles: bytes  # of its rare 8-character shingles those that are kept, the same in every text
    numbers: bytes  # that it names
    algorithm: int = ALGORITHM

    @property
    def size(self) -> int:
        """Different shingles kept: about a quarter of the rare ones."""
        return len(self.shingles) // 4


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of two texts is shared; all 0 … 1."""

    containment: float  # share of the smaller set of shingles
    jaccard: float  # share of the union
    numbers: float  # share of the smaller set of numbers; 1 where one of them has FEW or none


# With fewer numbers a text is no report of figures: there is nothing to tell by.
FEW = 4


def sketch_of(text: str) -> Sketch:
    """The sketch of one text.  Case, white space, punctuation and the style of quotes make no difference.

    The same in every process and on every machine, and no I/O.
    """
    paragraphs = folded_paragraphs(text)
    prose = plain(prose_of(paragraphs))
    if not prose:
        return Sketch("", b"", b"")
    whole = " ".join(paragraphs)
    kept = sorted_once(rare(character_hashes(prose)) >> np.uint64(32))
    return Sketch(
        exact=hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest(),
        shingles=kept.astype("<u4").tobytes(),
        numbers=number_hashes(prose).astype("<u4").tobytes(),
    )


def overlap_of(one: Sketch, other: Sketch) -> Overlap:
    """The overlap of two texts, measured on what is kept; one without shingles overlaps with nothing."""
    left, right = _array(one.shingles), _array(other.shingles)
    smaller = min(left.size, right.size)
    if not smaller:
        return Overlap(0.0, 0.0, 0.0)
    shared = _shared(left, right)
    figures, others = _array(one.numbers), _array(other.numbers)
    fewer = min(figures.size, others.size)
    return Overlap(
        containment=shared / smaller,
        jaccard=shared / (left.size + right.size - shared),
        numbers=_shared(figures, others) / fewer if fewer >= FEW else 1.0,
    )


def is_copy(overlap: Overlap, settings: NearCopies) -> bool:
    """Whether one of two texts copies the other.

    Reports made from one template share most of their text and few of their numbers; a text that another holds
    nearly whole is a copy whatever its numbers.
    """
    if overlap.containment < settings.similarity:
        return False
    return overlap.numbers >= settings.same_numbers or overlap.containment >= settings.surely


def kind_of(overlap: Overlap, settings: NearCopies) -> CopyKind:
    """How one of two texts copies the other, where the exact texts differ."""
    whole = overlap.containment >= settings.surely and overlap.jaccard < settings.similarity
    return "contained" if whole else "near"


def _shared(left: NDArray[np.uint32], right: NDArray[np.uint32]) -> int:
    return int(np.intersect1d(left, right, assume_unique=True).size)


def _array(packed: bytes) -> NDArray[np.uint32]:
    return np.frombuffer(packed, dtype="<u4")
