"""The near-copy index alone, for libraries and notebooks."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from ingest.errors import UsageError
from ingest.index.protocol import Entry, Verdict
from ingest.index.sketch import sketch_of
from ingest.index.sql import SqlIndex
from ingest.settings import NearCopies
from ingest.store.numbers import arrivals_of
from ingest.store.opening import open_engine
from ingest.store.transactions import writing


class Deduplicator:
    """Says of each text whether it copies an earlier one.

    In memory, and gone at the end, unless `store_url` names a store (``sqlite:///PATH``), whose documents
    it then knows and extends.  Each `add` is a transaction of its own.  A context manager.
    """

    def __init__(self, store_url: str | None = None, settings: NearCopies | None = None) -> None:
        self._engine = open_engine(store_url or "sqlite://")
        self._settings = settings or NearCopies()
        self._closed = False

    def add(self, document_id: str, text: str) -> Verdict:
        """The verdict on one document; the same id with the same text again gets the same verdict."""
        if self._closed:
            raise UsageError("this Deduplicator is closed: make a new one")
        sketch = sketch_of(text)
        with writing(self._engine) as connection:
            # In a store shared with a service, between its dumps.
            [arrival] = arrivals_of(connection, 1)
            entry = Entry(document_id, arrival << 16, sketch)
            return SqlIndex(connection, self._settings).add([entry]).verdicts[0]

    def close(self) -> None:
        self._closed = True
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
