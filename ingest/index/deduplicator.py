"""The near-copy index alone, for libraries and notebooks."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from ingest.errors import UsageError
from ingest.index.protocol import Entry, NearCopyIndex, Verdict
from ingest.index.sketch import sketch_of
from ingest.index.sql import SqlIndex
from ingest.settings import NearCopies
from ingest.store.numbers import arrivals_of
from ingest.store.opening import open_engine
from ingest.store.transactions import writing

if TYPE_CHECKING:
    from ingest.index.lsh import LshIndex


class Deduplicator:
    """Says of each text whether it copies an earlier one.

    In memory, and gone at the end, unless `store_url` names a store (``sqlite:///PATH``), whose documents
    it then knows and extends.  Each `add` is a transaction of its own.  A context manager.
    `method`: who finds the candidates, our rare shingles or datasketch's LSH over MinHash, which is in memory only
    and finds fewer (see `ingest.index.lsh`).
    """

    def __init__(
        self,
        store_url: str | None = None,
        settings: NearCopies | None = None,
        *,
        method: Literal["rare-shingles", "minhash"] = "rare-shingles",
    ) -> None:
        self._settings = settings or NearCopies()
        self._lsh = self._lsh_index(store_url) if method == "minhash" else None
        self._engine = open_engine(store_url or "sqlite://")
        self._closed = False

    def _lsh_index(self, store_url: str | None) -> LshIndex:
        if store_url is not None:
            raise UsageError(
                "the method minhash works in memory only: leave out store_url, or take rare-shingles"
            )
        from ingest.index.lsh import LshIndex  # scipy: 0.7 s of imports for those who ask

        return LshIndex(self._settings)

    def add(self, document_id: str, text: str) -> Verdict:
        """The verdict on one document; the same id with the same text again gets the same verdict."""
        if self._closed:
            raise UsageError("this Deduplicator is closed: make a new one")
        sketch = sketch_of(text)
        with writing(self._engine) as connection:
            # In a store shared with a service, between its dumps.
            [arrival] = arrivals_of(connection, 1)
            index: NearCopyIndex = self._lsh or SqlIndex(connection, self._settings)
            return index.add([Entry(document_id, arrival << 16, sketch)]).verdicts[0]

    def close(self) -> None:
        self._closed = True
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
