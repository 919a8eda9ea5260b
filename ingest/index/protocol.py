"""What every near-copy index answers, whatever holds its data."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ingest.index.sketch import Sketch
from ingest.model import CopyKind, Status

if TYPE_CHECKING:  # what cleans needs the words of this module, and no database
    import numpy as np
    from numpy.typing import NDArray

    from ingest.store.postings import Postings


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a document copies an earlier one.  All else is None where it is unique."""

    status: Status
    of: str | None = None  # document_id
    similarity: float | None = None  # share of the smaller text's shingles that both hold, 0 … 1
    kind: CopyKind | None = None  # a near-copy is "near" or "contained"


UNIQUE = Verdict("unique")


@dataclass(frozen=True, slots=True)
class Entry:
    """A document to be indexed.  `place`: where it stands in the order of arrival; no other has the same."""

    document_id: str
    place: int
    sketch: Sketch


@dataclass(frozen=True, slots=True)
class Judged:
    """What `NearCopyIndex.add` found, in the order of its entries."""

    verdicts: tuple[Verdict, ...]
    # Documents of later places, indexed before, that may copy one of these: to be judged `again`.
    unsettled: tuple[str, ...] = ()


class PostingLists(Protocol):
    """Where the lists of an index are kept.  Who changes them is alone at it: he is in his turn.

    They may hold more than the store, never less: what is claimed is there at once, what is taken out leaves with
    the transaction.  So what a failed one leaves behind misses no copy, and as the store decides, links none.
    """

    def read(self, keys: NDArray[np.uint32]) -> Postings:
        """The lists of these keys."""
        ...

    def claim(self, keys: NDArray[np.uint32], new: Postings) -> Postings:
        """Put documents into lists.  -> the lists of the keys, those of `new` among them, as they are then."""
        ...

    def take_out(self, gone: Postings) -> None:
        """Take documents out of lists: they stay where the transaction fails.  Those that are in none are no error."""
        ...

    def give_back(self, claimed: Postings) -> None:
        """Take out at once what the store knows nothing of: who claimed it never stored it."""
        ...


class NearCopyIndex(Protocol):
    """An index of documents in the order of their arrival.

    A document is compared with those of earlier places and with no other.  So the verdicts do not depend on
    who is indexed first, once the `unsettled` are judged again; adding a document again gives the same verdict,
    whatever came since, and its place stays what it was, also where its text changed.  Every document is
    indexed, copies too: the copy of a copy is found however little it shares with the first.  The best match
    wins, of equals the earliest.  No document is merged without a direct comparison.
    """

    def add(self, entries: Sequence[Entry]) -> Judged:
        """Index the documents and say what each copies, of those known before and of each other."""
        ...

    def again(self, document_ids: Sequence[str]) -> list[Verdict]:
        """Judge indexed documents anew, where one that they copied has changed or gone; KeyError when unknown."""
        ...

    def remove(self, document_ids: Collection[str]) -> None:
        """Forget these documents; unknown ids are no error."""
        ...
