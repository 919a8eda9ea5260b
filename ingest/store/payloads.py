"""The bytes of the dumps, and where they were seen."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from ingest.model import Dump
from ingest.store.engine import allot, now, portions, storable
from ingest.store.schema import dumps, ledger, sightings

LEVEL = 4  # of zlib: six tenths of the time of its default on news pages, for 6 % more bytes

Sighting = tuple[str, str, str, str]  # dump_id, source, name, url


@dataclass(frozen=True, slots=True)
class Missing:
    """What a batch of dumps would add to the store."""

    dumps: tuple[Dump, ...]
    bytes: tuple[Dump, ...]  # known by id alone until now: too large then, or unreadable
    sightings: tuple[Sighting, ...]

    def __bool__(self) -> bool:
        return bool(self.dumps or self.bytes or self.sightings)


def missing(connection: Connection, batch: Sequence[Dump]) -> Missing:
    """What the store does not hold yet; each thing once, in the order of the batch."""
    held: dict[str, bool] = {}
    seen: set[Sighting] = set()
    for some in portions([dump.dump_id for dump in batch]):
        rows = connection.execute(
            select(dumps.c.dump_id, dumps.c.payload.is_not(None)).where(dumps.c.dump_id.in_(some))
        )
        held.update((dump_id, had) for dump_id, had in rows)
        columns = sightings.c.dump_id, sightings.c.source, sightings.c.name, sightings.c.url
        seen.update(
            tuple(row) for row in connection.execute(select(*columns).where(sightings.c.dump_id.in_(some)))
        )
    once = {dump.dump_id: dump for dump in reversed(batch)}  # of equal dumps the first in the batch stays
    first = [dump for dump in batch if once[dump.dump_id] is dump]
    return Missing(
        dumps=tuple(dump for dump in first if dump.dump_id not in held),
        bytes=tuple(dump for dump in first if dump.payload is not None and not held.get(dump.dump_id, True)),
        sightings=tuple(dict.fromkeys(s for s in map(_sighting, batch) if s not in seen)),
    )


def receive(connection: Connection, batch: Sequence[Dump]) -> None:
    """Write down what is new: payloads, sightings, and a ledger row in the state `received`."""
    new, at = missing(connection, batch), now()
    if new.dumps:
        connection.execute(
            insert(dumps),
            [
                {
                    "dump_id": dump.dump_id,
                    "payload": _packed(dump),
                    "size": dump.size,
                    "media_type": dump.media_type,
                    "received_at": at,
                }
                for dump in new.dumps
            ],
        )
        first = allot(connection, "arrivals", len(new.dumps))
        rows = [
            {"dump_id": dump.dump_id, "arrival": n, "state": "received", "attempts": 0, "updated_at": at}
            for n, dump in enumerate(new.dumps, first)
        ]
        connection.execute(insert(ledger), rows)
    for dump in new.bytes:  # given up for want of its bytes: now they are here, it starts anew
        connection.execute(
            update(dumps)
            .where(dumps.c.dump_id == dump.dump_id)
            .values(payload=_packed(dump), size=dump.size, media_type=dump.media_type)
        )
        connection.execute(
            update(ledger)
            .where(ledger.c.dump_id == dump.dump_id)
            .values(state="received", attempts=0, reason=None, message=None, traceback=None, updated_at=at)
        )
    if new.sightings:
        names = "dump_id", "source", "name", "url"
        rows = [{**dict(zip(names, seen, strict=True)), "seen_at": at} for seen in new.sightings]
        connection.execute(insert(sightings), rows)


def dumps_in(connection: Connection, dump_ids: Sequence[str]) -> list[Dump]:
    """Stored dumps with their bytes and first sighting, in the order asked for; unknown ids are left out."""
    first = first_sightings(connection, dump_ids)
    found: dict[str, Dump] = {}
    for some in portions(dump_ids):
        for row in connection.execute(select(dumps).where(dumps.c.dump_id.in_(some))):
            _, source, name, url = first.get(row.dump_id, (row.dump_id, "", row.dump_id, ""))
            found[row.dump_id] = Dump(
                dump_id=row.dump_id,
                payload=None if row.payload is None else zlib.decompress(row.payload),
                name=name,
                source=source or None,
                url=url or None,
                media_type=row.media_type,
                size=row.size,
            )
    return [found[dump_id] for dump_id in dump_ids if dump_id in found]


def without_bytes(connection: Connection, dump_ids: Sequence[str]) -> set[str]:
    """Those of the stored dumps whose bytes could not be had."""
    found: set[str] = set()
    for some in portions(dump_ids):
        hollow = select(dumps.c.dump_id).where(dumps.c.dump_id.in_(some), dumps.c.payload.is_(None))
        found.update(connection.scalars(hollow))
    return found


def first_sightings(connection: Connection, dump_ids: Sequence[str]) -> dict[str, Sighting]:
    """Where each dump was met first."""
    first: dict[str, Sighting] = {}
    for some in portions(dump_ids):
        rows = connection.execute(
            select(sightings.c.dump_id, sightings.c.source, sightings.c.name, sightings.c.url)
            .where(sightings.c.dump_id.in_(some))
            .order_by(sightings.c.sighting_id)
        )
        for row in rows:
            first.setdefault(row.dump_id, (row.dump_id, row.source, row.name, row.url))
    return first


def forget(connection: Connection, dump_ids: Sequence[str]) -> None:
    """Drop dumps that never had bytes (stand-ins for unreadable files); others are spared."""
    for some in portions(dump_ids):
        hollow = select(dumps.c.dump_id).where(dumps.c.dump_id.in_(some), dumps.c.payload.is_(None))
        ids = connection.scalars(hollow).all()
        for table in (sightings, ledger, dumps):
            connection.execute(delete(table).where(table.c.dump_id.in_(ids)))


def _sighting(dump: Dump) -> Sighting:
    return dump.dump_id, storable(dump.source or ""), storable(dump.name), storable(dump.url or "")


def _packed(dump: Dump) -> bytes | None:
    return None if dump.payload is None else zlib.compress(dump.payload, LEVEL)
