"""What every near-copy index answers, whatever holds its data."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from ingest.index.sketch import Sketch
from ingest.model import Status


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a document copies an earlier one.  `of` and `similarity` are None where it is unique."""

    status: Status
    of: str | None = None  # document_id
    similarity: float | None = None  # share of the smaller text's shingles that both hold, 0 … 1


UNIQUE = Verdict("unique")


class NearCopyIndex(Protocol):
    """An index of documents in the order in which they first came.

    A document is compared with those that came before it and with no other, so adding it again gives the
    same verdict, whatever came since; its place stays what it was, also where its text changed.  Every
    document is indexed, copies too: the copy of a copy is found however little it shares with the first.
    The best match wins, of equals the earliest.  No document is merged without a direct comparison.
    """

    def add(self, document_id: str, sketch: Sketch) -> Verdict:
        """Index the document and say what it copies."""
        ...

    def again(self, document_id: str) -> Verdict:
        """Judge an indexed document anew, where one that it copied has changed or gone; KeyError when unknown."""
        ...

    def remove(self, document_ids: Collection[str]) -> None:
        """Forget these documents; unknown ids are no error."""
        ...
