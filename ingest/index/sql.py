"""The near-copy index in the store's own database."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from ingest.index.protocol import UNIQUE, Entry, Judged, Verdict
from ingest.index.sketch import Sketch, overlap_of
from ingest.settings import NearCopies
from ingest.store.schema import bands, sketches
from ingest.store.transactions import in_turn
from ingest.store.values import portions

# Of a large family of alike texts (weather reports from one template) only those that share the most
# bands are compared: the look-up stays bounded, and a real copy shares more bands than a relative.
MAX_CANDIDATES = 100
_ASKED_AT_ONCE = 32  # documents in one look-up of bands: its text has about 20 bytes for each of their bands


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

    def __init__(self, connection: Connection, settings: NearCopies) -> None:
        self._connection = connection
        self._settings = settings

    def add(self, entries: Sequence[Entry]) -> Judged:
        in_turn(self._connection)
        known = self._places([entry.document_id for entry in entries])
        placed, new, changed = list[_Indexed](), list[Entry](), list[str]()
        for entry in entries:
            place, exact = known.get(entry.document_id, (entry.place, None))
            placed.append(_Indexed(place, entry.sketch))
            if exact != entry.sketch.exact:
                new.append(Entry(entry.document_id, place, entry.sketch))
            if exact not in (None, entry.sketch.exact):
                changed.append(entry.document_id)
        self.remove(changed)
        self._insert(new)
        verdicts, later = self._judge(placed, fresh={entry.place for entry in new})
        mine = {entry.document_id for entry in entries}
        return Judged(tuple(verdicts), tuple(name for name in self._names(later) if name not in mine))

    def again(self, document_ids: Sequence[str]) -> list[Verdict]:
        found: dict[str, _Indexed] = {}
        for some in portions(document_ids):
            for row in self._connection.execute(select(sketches).where(sketches.c.document_id.in_(some))):
                sketch = Sketch(row.exact, _keys(row.bands), row.shingles)
                found[row.document_id] = _Indexed(row.position, sketch)
        verdicts, _ = self._judge([found[document_id] for document_id in document_ids], fresh=set())
        return verdicts

    def remove(self, document_ids: Collection[str]) -> None:
        if document_ids:
            in_turn(self._connection)
        for some in portions(sorted(document_ids)):
            rows = self._connection.execute(
                select(sketches.c.position, sketches.c.bands).where(sketches.c.document_id.in_(some))
            ).all()
            for row in rows:
                here = bands.c.band.in_(_keys(row.bands)), bands.c.position == row.position
                self._connection.execute(delete(bands).where(*here))
            self._connection.execute(delete(sketches).where(sketches.c.document_id.in_(some)))

    def _places(self, document_ids: Sequence[str]) -> dict[str, tuple[int, str]]:
        found: dict[str, tuple[int, str]] = {}
        columns = sketches.c.document_id, sketches.c.position, sketches.c.exact
        for some in portions(document_ids):
            for row in self._connection.execute(select(*columns).where(sketches.c.document_id.in_(some))):
                found[row.document_id] = row.position, row.exact
        return found

    def _insert(self, entries: Sequence[Entry]) -> None:
        keys = [sorted(set(entry.sketch.bands)) if self._is_long(entry.sketch) else [] for entry in entries]
        rows = [
            {
                "position": entry.place,
                "document_id": entry.document_id,
                "exact": entry.sketch.exact,
                "size": entry.sketch.size,
                "shingles": entry.sketch.shingles,
                "bands": struct.pack(f"<{len(mine)}q", *mine),
            }
            for entry, mine in zip(entries, keys, strict=True)
        ]
        if rows:
            self._connection.execute(insert(sketches), rows)
        pairs = [
            {"band": key, "position": entry.place}
            for entry, mine in zip(entries, keys, strict=True)
            for key in mine
        ]
        if pairs:
            self._connection.execute(insert(bands), pairs)

    def _is_long(self, sketch: Sketch) -> bool:
        """Whether texts of this length can be near-copies: shorter ones match by chance."""
        return sketch.size >= self._settings.minimum_shingles

    def _judge(self, documents: Sequence[_Indexed], fresh: Collection[int]) -> tuple[list[Verdict], set[int]]:
        """-> their verdicts, and the later places whose texts may copy one of those at `fresh` places."""
        first = self._first_of({document.sketch.exact for document in documents} - {""})
        named = [d for d in documents if d.sketch.exact]
        later = set(
            self._behind([d for d in named if d.place in fresh and first[d.sketch.exact][0] == d.place])
        )
        candidates: dict[int, list[int]] = {}
        for some in portions([d for d in named if self._is_long(d.sketch)], _ASKED_AT_ONCE):
            for place, other in self._meeting(some):
                if other < place:
                    candidates.setdefault(place, []).append(other)
                elif place in fresh:
                    later.add(other)
        texts = self._texts({other for found in candidates.values() for other in found})
        verdicts = []
        for document in documents:
            place, name = first.get(document.sketch.exact, (document.place, ""))
            if place < document.place:
                verdicts.append(Verdict("exact-copy", name, 1.0))
            else:
                near = [
                    texts[other] for other in sorted(candidates.get(document.place, ())) if other in texts
                ]
                verdicts.append(self._best(document.sketch, near))
        return verdicts, later

    def _first_of(self, exact: Collection[str]) -> dict[str, tuple[int, str]]:
        """The first place with each of these texts, and the document there."""
        found: dict[str, tuple[int, str]] = {}
        for some in portions(sorted(exact)):
            earliest = (
                select(func.min(sketches.c.position).label("place"))
                .where(sketches.c.exact.in_(some))
                .group_by(sketches.c.exact)
                .subquery()
            )
            columns = sketches.c.exact, sketches.c.position, sketches.c.document_id
            rows = self._connection.execute(
                select(*columns).join(earliest, earliest.c.place == sketches.c.position)
            )
            found.update((row.exact, (row.position, row.document_id)) for row in rows)
        return found

    def _behind(self, documents: Sequence[_Indexed]) -> Iterator[int]:
        """Later places with the same text."""
        firsts = {document.sketch.exact: document.place for document in documents}
        for some in portions(sorted(firsts)):
            asked = select(sketches.c.exact, sketches.c.position).where(sketches.c.exact.in_(some))
            for row in self._connection.execute(asked):
                if row.position > firsts[row.exact]:
                    yield row.position

    def _meeting(self, documents: Sequence[_Indexed]) -> Iterator[tuple[int, int]]:
        """Pairs of these places with others that share a band: all later ones, of the earlier the likeliest."""
        asked = ",".join(f"({key},{d.place})" for d in documents for key in sorted(set(d.sketch.bands)))
        # Numbers of ours, written out: as bound values they would cost more than the look-up.
        rows = self._connection.exec_driver_sql(
            f"WITH asked(band, place) AS (VALUES {asked}), "  # noqa: S608
            "met AS (SELECT asked.place AS place, bands.position AS other, count(*) AS shared "
            "FROM asked JOIN bands ON bands.band = asked.band AND bands.position <> asked.place "
            "GROUP BY asked.place, bands.position), "
            "ranked AS (SELECT place, other, row_number() OVER "
            "(PARTITION BY place, other > place ORDER BY shared DESC, other) AS n FROM met) "
            f"SELECT place, other FROM ranked WHERE other > place OR n <= {MAX_CANDIDATES}"
        )
        return ((int(place), int(other)) for place, other in rows)

    def _texts(self, places: Collection[int]) -> dict[int, tuple[str, bytes]]:
        """The documents at these places and their shingles, without those that are too short by now."""
        found: dict[int, tuple[str, bytes]] = {}
        columns = sketches.c.position, sketches.c.document_id, sketches.c.shingles
        long = sketches.c.size >= self._settings.minimum_shingles
        for some in portions(sorted(places)):
            for row in self._connection.execute(select(*columns).where(sketches.c.position.in_(some), long)):
                found[row.position] = row.document_id, row.shingles
        return found

    def _best(self, sketch: Sketch, earlier: Iterable[tuple[str, bytes]]) -> Verdict:
        best, overlap = None, 0.0
        for name, shingles in earlier:
            measured = overlap_of(sketch, shingles).containment
            if measured > overlap:  # strictly: of equals the earliest stays
                best, overlap = name, measured
        if best is None or overlap < self._settings.similarity:
            return UNIQUE
        return Verdict("near-copy", best, overlap)

    def _names(self, places: Collection[int]) -> list[str]:
        """The documents at these places, in their order."""
        found: list[str] = []
        for some in portions(sorted(places)):
            asked = select(sketches.c.document_id).where(sketches.c.position.in_(some))
            found += self._connection.scalars(asked.order_by(sketches.c.position))
        return found


def _keys(packed: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(packed) // 8}q", packed)
