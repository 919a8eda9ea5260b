"""The near-copy index in the store's own database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, delete, insert, select

from ingest.index.candidates import asked_of, candidates
from ingest.index.protocol import Entry, Judged, PostingLists, Verdict
from ingest.index.sketch import ALGORITHM, Sketch, is_copy, overlap_of
from ingest.index.verdict import said_or_best
from ingest.settings import NearCopies
from ingest.store import exacttexts, pairs
from ingest.store.among import among
from ingest.store.postings import Postings, places_of, without
from ingest.store.rareshingles import StoredLists
from ingest.store.schema import sketches
from ingest.store.transactions import in_turn
from ingest.store.values import portions

_KNOWN = select(sketches.c.document_id, sketches.c.position, sketches.c.exact, sketches.c.algorithm).where(
    among(sketches.c.document_id, "document_ids")
)


@dataclass(frozen=True, slots=True)
class _Indexed:
    place: int
    sketch: Sketch


class SqlIndex:
    """A `NearCopyIndex` on one connection: it writes in the caller's transaction and never commits.

    So the articles and what the index knows of them are stored together or not at all.  The caller's
    transaction must be a writing one (`engine.writing`); it takes its turn here, so that look-up and claim are
    one step, and of two processes that bring the same text at once each sees the other's or is seen by it.
    """

    def __init__(
        self, connection: Connection, settings: NearCopies, lists: PostingLists | None = None
    ) -> None:
        """`lists`: who holds a shingle; without them, in the store too."""
        self._connection = connection
        self._lists = lists or StoredLists(connection)
        self._settings = settings

    def add(self, entries: Sequence[Entry]) -> Judged:
        in_turn(self._connection)
        known = self._known([entry.document_id for entry in entries])
        placed, new, stale = list[_Indexed](), list[Entry](), list[str]()
        for entry in entries:
            place, *said = known.get(entry.document_id, (entry.place,))
            placed.append(_Indexed(place, entry.sketch))
            if said != [entry.sketch.exact, entry.sketch.algorithm]:
                new.append(Entry(entry.document_id, place, entry.sketch))
                stale += [entry.document_id] if said else []
        self.remove(stale)
        self._insert(new)
        verdicts, later = self._judge(placed, fresh={entry.place for entry in new})
        mine = {entry.document_id for entry in entries}
        return Judged(tuple(verdicts), tuple(name for name in self._names(later) if name not in mine))

    def again(self, document_ids: Sequence[str]) -> list[Verdict]:
        found: dict[str, _Indexed] = {}
        for some in portions(document_ids):
            for row in self._connection.execute(select(sketches).where(sketches.c.document_id.in_(some))):
                sketch = Sketch(row.exact, row.shingles, row.numbers, row.algorithm)
                found[row.document_id] = _Indexed(row.position, sketch)
        verdicts, _ = self._judge([found[document_id] for document_id in document_ids], fresh=set())
        return verdicts

    def remove(self, document_ids: Collection[str]) -> None:
        if document_ids:
            in_turn(self._connection)
        columns = sketches.c.position, sketches.c.shingles
        for some in portions(sorted(document_ids)):
            rows = self._connection.execute(select(*columns).where(sketches.c.document_id.in_(some)))
            gone = asked_of([(row.position, Sketch("", row.shingles, b"")) for row in rows])
            self._lists.take_out(gone.postings)
            self._connection.execute(delete(sketches).where(sketches.c.document_id.in_(some)))

    def _known(self, document_ids: Sequence[str]) -> dict[str, tuple[int, str, int]]:
        """Place, text and algorithm of those that are indexed."""
        rows = self._connection.execute(_KNOWN, {"document_ids": list(document_ids)}).all()
        return {document_id: (place, exact, algorithm) for document_id, place, exact, algorithm in rows}

    def _insert(self, entries: Sequence[Entry]) -> None:
        rows = [
            {
                "position": entry.place,
                "document_id": entry.document_id,
                "exact": entry.sketch.exact,
                "algorithm": entry.sketch.algorithm,
                "size": entry.sketch.size,
                "shingles": entry.sketch.shingles,
                "numbers": entry.sketch.numbers,
            }
            for entry in entries
        ]
        if rows:
            self._connection.execute(insert(sketches), rows)

    def _is_long(self, sketch: Sketch) -> bool:
        """Whether texts of this length can be near-copies: shorter ones match by chance."""
        return sketch.size >= self._settings.minimum_shingles

    def _judge(self, documents: Sequence[_Indexed], fresh: Collection[int]) -> tuple[list[Verdict], set[int]]:
        """-> their verdicts, and the later places whose texts copy one of those at `fresh` places."""
        named = [d for d in documents if d.sketch.exact]
        first = exacttexts.first_of(self._connection, {d.sketch.exact for d in named})
        new = {d.sketch.exact for d in named if d.place in fresh and first[d.sketch.exact][0] == d.place}
        later = set(exacttexts.behind(self._connection, {exact: first[exact][0] for exact in new}))
        met: dict[int, list[int]] = {}
        lists, meeting = self._meeting([d for d in named if self._is_long(d.sketch)], fresh)
        for place, other in meeting:
            if other < place or place in fresh:
                met.setdefault(place, []).append(other)
        said = pairs.in_force(self._connection, [d.place for d in named])
        for place, words in said.items():
            met.setdefault(place, []).extend(other for other, pair in words if pair.word == "copy")
        others = {other for found in met.values() for other in found}
        texts = self._texts(others)
        if self._give_back(lists, others, texts):  # who took others' room among the candidates is away now
            return self._judge(documents, fresh)
        verdicts = []
        for document in documents:
            place, name = first.get(document.sketch.exact, (document.place, ""))
            near = {other: texts[other] for other in sorted(met.get(document.place, ())) if other in texts}
            if place < document.place:
                verdicts.append(Verdict("exact-copy", name, 1.0, "exact"))
            else:
                earlier = {other: text for other, text in near.items() if other < document.place}
                words = said.get(document.place, [])
                verdicts.append(said_or_best(document.sketch, earlier, words, self._settings))
            later |= {
                other
                for other, (_, text) in near.items()
                if other > document.place and is_copy(overlap_of(document.sketch, text), self._settings)
            }
        return verdicts, later

    def _meeting(
        self, documents: Sequence[_Indexed], fresh: Collection[int]
    ) -> tuple[Postings, list[tuple[int, int]]]:
        """-> the lists of their keys, and pairs of these places with others that share some.

        Those at `fresh` places come into the lists.
        """
        asked = asked_of([(d.place, d.sketch) for d in documents])
        new = asked_of([(d.place, d.sketch) for d in documents if d.place in fresh])
        lists = self._lists.claim(asked.keys, new.postings) if fresh else self._lists.read(asked.keys)
        return lists, candidates(asked, lists, self._settings.similarity)

    def _give_back(
        self, lists: Postings, met: Collection[int], texts: Mapping[int, tuple[str, Sketch]]
    ) -> bool:
        """Take out of the lists what of these places is not in the store, or has other keys there.

        Who claimed it was killed, or his transaction failed.  -> whether there was any.
        """
        elsewhere = set(met) - texts.keys()  # too short, of another algorithm, or nowhere
        for some in portions(sorted(elsewhere)):
            known = select(sketches.c.position).where(sketches.c.position.in_(some))
            elsewhere.difference_update(self._connection.scalars(known))
        judged = np.array(sorted(elsewhere | texts.keys()), np.int64)
        here = np.isin(places_of(lists.documents), judged)
        stored = asked_of([(place, sketch) for place, (_, sketch) in texts.items()]).postings
        phantoms = without(Postings(lists.keys[here], lists.documents[here]), stored)
        if phantoms.keys.size:
            self._lists.give_back(phantoms)
        return bool(phantoms.keys.size)

    def _texts(self, places: Collection[int]) -> dict[int, tuple[str, Sketch]]:
        """The documents at these places and their sketches, without those that are too short by now."""
        found: dict[int, tuple[str, Sketch]] = {}
        long = sketches.c.size >= self._settings.minimum_shingles
        of_today = sketches.c.algorithm == ALGORITHM
        for some in portions(sorted(places)):
            asked = select(sketches).where(sketches.c.position.in_(some), long, of_today)
            for row in self._connection.execute(asked):
                found[row.position] = row.document_id, Sketch(row.exact, row.shingles, row.numbers)
        return found

    def _names(self, places: Collection[int]) -> list[str]:
        """The documents at these places, in their order."""
        found: list[str] = []
        for some in portions(sorted(places)):
            asked = select(sketches.c.document_id).where(sketches.c.position.in_(some))
            found += self._connection.scalars(asked.order_by(sketches.c.position))
        return found
