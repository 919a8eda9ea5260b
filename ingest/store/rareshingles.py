"""The posting lists in the store's database: a row for each shingle."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import Connection, Select, delete, select, text

from ingest.store.engines import is_postgres
from ingest.store.postings import Postings, capped, document_of, joined, keys_of, postings_of, unpacked
from ingest.store.schema import rare_shingles, sketches
from ingest.store.values import portions

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROWS = 50_000  # postings that one statement writes

# One bound value: hundreds of them would cost more than the look-up.
_READ = {
    True: "SELECT shingle, documents FROM rare_shingles WHERE shingle = ANY(CAST(:keys AS bigint[]))",
    False: (
        "SELECT r.shingle, r.documents FROM json_each(:keys) k "
        "CROSS JOIN rare_shingles r ON r.shingle = k.value"
    ),
}
_PUT = (
    "INSERT INTO rare_shingles (shingle, documents) "
    "SELECT * FROM unnest(CAST(:keys AS bigint[]), CAST(:lists AS bytea[])) "
    "ON CONFLICT (shingle) DO UPDATE SET documents = excluded.documents"
)


class StoredLists:
    """Lists in the store's tables: they change in the caller's transaction, or not at all."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, keys: NDArray[np.uint32]) -> Postings:
        wanted: Any = np.unique(keys).tolist()
        on_postgres = is_postgres(self._connection)
        asked = text(_READ[on_postgres])
        rows = self._connection.execute(asked, {"keys": wanted if on_postgres else json.dumps(wanted)})
        # At once: one by one takes thrice as long.
        return unpacked([(key, documents) for key, documents in rows.all()])

    def claim(self, keys: NDArray[np.uint32], new: Postings) -> Postings:
        whole, changed = joined(self.read(keys), new)
        _write(self._connection, changed)
        return whole

    def give_back(self, claimed: Postings) -> None:
        self.take_out(claimed)  # of a store that others wrote to: here a claim is stored or was never made

    def take_out(self, gone: Postings) -> None:
        held = self.read(gone.keys)
        left = ~np.isin(held.documents, gone.documents)
        kept = Postings(held.keys[left], held.documents[left])
        for some in portions(np.setdiff1d(held.keys, kept.keys).tolist()):
            self._connection.execute(delete(rare_shingles).where(rare_shingles.c.shingle.in_(some)))
        _write(self._connection, kept)


def rebuild(connection: Connection, *, algorithm: int, minimum_shingles: int) -> int:
    """Make all lists anew from the sketches.  -> documents in them.

    Holds about 25 bytes for each key of each document while it works.
    """
    connection.execute(delete(rare_shingles))
    keys, documents = list[Any](), list[Any]()
    for row in connection.execute(indexed(algorithm, minimum_shingles)):
        keys.append(keys_of(row.shingles))
        documents.append(np.full(keys[-1].size, document_of(row.position, row.size), np.uint64))
    if keys:
        lists = capped(postings_of(np.concatenate(keys), np.concatenate(documents)))
        cuts = np.searchsorted(lists.keys, np.unique(lists.keys[::_ROWS])).tolist()
        for start, end in zip(cuts, [*cuts[1:], lists.keys.size], strict=True):
            _write(connection, Postings(lists.keys[start:end], lists.documents[start:end]))
    return len(keys)


def indexed(algorithm: int, minimum_shingles: int) -> Select[tuple[int, int, bytes]]:
    """The sketches that are in lists: position, size, shingles."""
    of_today = sketches.c.algorithm == algorithm, sketches.c.size >= minimum_shingles
    asked = select(sketches.c.position, sketches.c.size, sketches.c.shingles).where(*of_today)
    return asked.execution_options(yield_per=1000)


def _write(connection: Connection, lists: Postings) -> None:
    """Put these lists in the place of the former ones of their keys."""
    rows = lists.packed()  # in the order of the table, so that neighbours are written together
    if rows and is_postgres(connection):
        keys, packed = zip(*rows, strict=True)
        connection.execute(text(_PUT), {"keys": list(keys), "lists": list(packed)})
    elif rows:
        put = "INSERT OR REPLACE INTO rare_shingles (shingle, documents) VALUES (?, ?)"
        connection.exec_driver_sql(put, rows)
