"""The near-copy index in the store's own database."""

from __future__ import annotations

import struct
from collections.abc import Collection

from sqlalchemy import Connection, delete, func, insert, select

from ingest.index.protocol import UNIQUE, Verdict
from ingest.index.sketch import Sketch, overlap_of
from ingest.settings import NearCopies
from ingest.store.engine import allot, portions
from ingest.store.schema import bands, sketches

# Of a large family of alike texts (weather reports from one template) only those that share the most
# bands are compared: the look-up stays bounded, and a real copy shares more bands than a relative.
MAX_CANDIDATES = 100


class SqlIndex:
    """A `NearCopyIndex` on one connection: it writes in the caller's transaction and never commits.

    So the articles and what the index knows of them are stored together or not at all.  The caller's
    transaction must be a writing one (`engine.writing`): look-up and claim are then one step, and of two
    processes that bring the same text at once exactly one is first.
    """

    def __init__(self, connection: Connection, settings: NearCopies) -> None:
        self._connection = connection
        self._settings = settings

    def add(self, document_id: str, sketch: Sketch) -> Verdict:
        known = self._connection.execute(
            select(sketches.c.position, sketches.c.exact).where(sketches.c.document_id == document_id)
        ).one_or_none()
        if known is not None and known.exact == sketch.exact:
            return self._verdict(sketch, known.position)
        place = allot(self._connection, "sketches") if known is None else known.position
        verdict = self._verdict(sketch, place)
        if known is not None:
            self.remove([document_id])
        keys = sorted(set(sketch.bands)) if sketch.size >= self._settings.minimum_shingles else []
        self._connection.execute(
            insert(sketches).values(
                position=place,
                document_id=document_id,
                exact=sketch.exact,
                size=sketch.size,
                shingles=sketch.shingles,
                bands=struct.pack(f"<{len(keys)}q", *keys),
            )
        )
        if keys:
            self._connection.execute(insert(bands), [{"band": key, "position": place} for key in keys])
        return verdict

    def again(self, document_id: str) -> Verdict:
        row = self._connection.execute(
            select(sketches).where(sketches.c.document_id == document_id)
        ).one_or_none()
        if row is None:
            raise KeyError(document_id)
        return self._verdict(Sketch(row.exact, _keys(row.bands), row.shingles), row.position)

    def remove(self, document_ids: Collection[str]) -> None:
        for some in portions(sorted(document_ids)):
            rows = self._connection.execute(
                select(sketches.c.position, sketches.c.bands).where(sketches.c.document_id.in_(some))
            ).all()
            for row in rows:
                here = bands.c.band.in_(_keys(row.bands)), bands.c.position == row.position
                self._connection.execute(delete(bands).where(*here))
            self._connection.execute(delete(sketches).where(sketches.c.document_id.in_(some)))

    def _verdict(self, sketch: Sketch, place: int) -> Verdict:
        if not sketch.exact:
            return UNIQUE
        first = self._connection.scalar(
            select(sketches.c.document_id)
            .where(sketches.c.exact == sketch.exact, sketches.c.position < place)
            .order_by(sketches.c.position)
            .limit(1)
        )
        if first is not None:
            return Verdict("exact-copy", first, 1.0)
        if sketch.size < self._settings.minimum_shingles:
            return UNIQUE
        return self._best(sketch, place)

    def _best(self, sketch: Sketch, place: int) -> Verdict:
        shared = func.count().label("shared")
        near = (
            select(bands.c.position, shared)
            .where(bands.c.band.in_(sketch.bands), bands.c.position < place)
            .group_by(bands.c.position)
            .order_by(shared.desc(), bands.c.position)
            .limit(MAX_CANDIDATES)
            .subquery()
        )
        candidates = self._connection.execute(
            select(sketches.c.document_id, sketches.c.shingles)
            .join(near, near.c.position == sketches.c.position)
            .where(sketches.c.size >= self._settings.minimum_shingles)
            .order_by(sketches.c.position)
        )
        best, overlap = None, 0.0
        for document_id, shingles in candidates:
            measured = overlap_of(sketch, shingles).containment
            if measured > overlap:  # strictly: of equals the earliest stays
                best, overlap = document_id, measured
        if best is None or overlap < self._settings.similarity:
            return UNIQUE
        return Verdict("near-copy", best, overlap)


def _keys(packed: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(packed) // 8}q", packed)
