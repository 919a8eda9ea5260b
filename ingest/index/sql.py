"""The near-copy index in the store's own database."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from ingest.index.protocol import Entry, Judged, Verdict
from ingest.index.sketch import ALGORITHM, Sketch
from ingest.index.verdict import said_or_best
from ingest.settings import NearCopies
from ingest.store import pairs
from ingest.store.schema import rare_shingles, sketches
from ingest.store.transactions import in_turn
from ingest.store.values import portions

# Of a large family of alike texts (weather reports from one template) only those that share the most
# keys are compared: the look-up stays bounded, and a real copy shares more keys than a relative.
MAX_CANDIDATES = 100
_ASKED_AT_ONCE = 32  # documents in one look-up of keys: its text has about 20 bytes for each of their keys


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
        for some in portions(sorted(document_ids)):
            columns = sketches.c.position, sketches.c.shingles
            for row in self._connection.execute(
                select(*columns).where(sketches.c.document_id.in_(some))
            ).all():
                keys = Sketch("", row.shingles, b"").keys
                for few in portions(keys):  # a long text has many
                    here = rare_shingles.c.shingle.in_(few), rare_shingles.c.position == row.position
                    self._connection.execute(delete(rare_shingles).where(*here))
            self._connection.execute(delete(sketches).where(sketches.c.document_id.in_(some)))

    def _known(self, document_ids: Sequence[str]) -> dict[str, tuple[int, str, int]]:
        """Place, text and algorithm of those that are indexed."""
        found: dict[str, tuple[int, str, int]] = {}
        columns = sketches.c.document_id, sketches.c.position, sketches.c.exact, sketches.c.algorithm
        for some in portions(document_ids):
            for row in self._connection.execute(select(*columns).where(sketches.c.document_id.in_(some))):
                found[row.document_id] = row.position, row.exact, row.algorithm
        return found

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
        pairs = [
            {"shingle": key, "position": entry.place}
            for entry in entries
            if self._is_long(entry.sketch)
            for key in entry.sketch.keys
        ]
        if pairs:
            self._connection.execute(insert(rare_shingles), pairs)

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
        said = pairs.in_force(self._connection, [d.place for d in named])
        for place, words in said.items():
            candidates.setdefault(place, []).extend(other for other, pair in words if pair.word == "copy")
        texts = self._texts({other for found in candidates.values() for other in found})
        verdicts = []
        for document in documents:
            place, name = first.get(document.sketch.exact, (document.place, ""))
            if place < document.place:
                verdicts.append(Verdict("exact-copy", name, 1.0))
            else:
                near = {other: texts[other] for other in sorted(candidates.get(place, ())) if other in texts}
                words = said.get(place, [])
                verdicts.append(said_or_best(document.sketch, near, words, self._settings))
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
        """Pairs of these places with others that share keys: all later ones, of the earlier the likeliest."""
        asked = ",".join(f"({key},{d.place})" for d in documents for key in d.sketch.keys)
        if not asked:
            return iter(())
        # Numbers of ours, written out: as bound values they would cost more than the look-up.
        rows = self._connection.exec_driver_sql(
            f"WITH asked(shingle, place) AS (VALUES {asked}), "  # noqa: S608
            "met AS (SELECT asked.place AS place, r.position AS other, count(*) AS shared "
            "FROM asked JOIN rare_shingles r ON r.shingle = asked.shingle AND r.position <> asked.place "
            "GROUP BY asked.place, r.position), "
            "ranked AS (SELECT place, other, row_number() OVER "
            "(PARTITION BY place, other > place ORDER BY shared DESC, other) AS n FROM met) "
            f"SELECT place, other FROM ranked WHERE other > place OR n <= {MAX_CANDIDATES}"
        )
        return ((int(place), int(other)) for place, other in rows)

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
