"""The bytes of the dumps, and where they were seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, or_, select, update

from ingest.model import Dump
from ingest.store import corrections
from ingest.store.among import among
from ingest.store.aside import Aside
from ingest.store.inserts import insert_missing
from ingest.store.numbers import arrivals_of
from ingest.store.packing import packed, unpacked
from ingest.store.schema import dumps, ledger, sightings
from ingest.store.values import now, portions, storable

MEDIA_TYPE_CHARACTERS = 255  # a longer one is nonsense, and a database would refuse it

Sighting = tuple[str, str, str, str]  # dump_id, source, name, url

_DUMPS = select(dumps).where(among(dumps.c.dump_id, "dump_ids"))
_SIGHTINGS = (
    select(sightings.c.dump_id, sightings.c.source, sightings.c.name, sightings.c.url)
    .where(among(sightings.c.dump_id, "dump_ids"))
    .order_by(sightings.c.sighting_id)
)


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
            select(dumps.c.dump_id, has_bytes().label("had")).where(dumps.c.dump_id.in_(some))
        )
        held.update((row.dump_id, bool(row.had)) for row in rows)
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


def has_bytes() -> ColumnElement[bool]:
    """Of a row of `dumps`."""
    return or_(dumps.c.payload.is_not(None), dumps.c.aside)


def lay_aside(engine: Engine, batch: Sequence[Dump]) -> None:
    """Put large payloads where they are kept: call it before the transaction that receives them.

    Nobody is to wait for a bucket inside of one.  Raises Unavailable.
    """
    aside = _aside_of(engine)
    for dump in batch:
        if aside and dump.payload is not None and aside.takes(dump.payload):
            aside.put(dump.dump_id, dump.payload)


def receive(connection: Connection, batch: Sequence[Dump]) -> None:
    """Write down what is new: payloads, sightings, and a ledger row in the state `received`.

    Others may write down the same at the same moment: each thing is there once.
    """
    new, at = missing(connection, batch), now()
    if new.dumps:
        numbers = dict(
            zip((d.dump_id for d in new.dumps), arrivals_of(connection, len(new.dumps)), strict=True)
        )
        ordered = sorted(new.dumps, key=lambda dump: dump.dump_id)
        rows = [
            {"dump_id": dump.dump_id, "received_at": at, **_bytes_of(connection, dump)} for dump in ordered
        ]
        insert_missing(connection, dumps, rows)
        begun = {"state": "received", "attempts": 0, "updated_at": at}
        rows = [{"dump_id": d.dump_id, "arrival": numbers[d.dump_id], **begun} for d in ordered]
        insert_missing(connection, ledger, rows)
    for dump in new.bytes:  # given up for want of its bytes: now they are here, it starts anew
        here = dumps.c.dump_id == dump.dump_id
        connection.execute(update(dumps).where(here).values(**_bytes_of(connection, dump)))
        connection.execute(
            update(ledger)
            .where(ledger.c.dump_id == dump.dump_id)
            .values(state="received", attempts=0, reason=None, message=None, traceback=None, updated_at=at)
        )
    names = "dump_id", "source", "name", "url"
    for some in portions(sorted({seen[0] for seen in new.sightings})):  # the sightings keep their own order
        ids = select(ledger.c.dump_id).where(ledger.c.dump_id.in_(some)).order_by(ledger.c.dump_id)
        connection.execute(ids.with_for_update())
    rows = [{**dict(zip(names, one, strict=True)), "seen_at": at} for one in new.sightings]
    insert_missing(connection, sightings, rows)


def dumps_in(connection: Connection, dump_ids: Sequence[str]) -> list[Dump]:
    """Stored dumps with their bytes, first sighting and corrections, in the order asked for; unknown ids are left out.

    Raises Unavailable where the folder of large payloads does not answer.
    """
    first = first_sightings(connection, dump_ids)
    said = corrections.in_force(connection, dump_ids)
    found: dict[str, Dump] = {}
    for row in connection.execute(_DUMPS, {"dump_ids": list(dump_ids)}).all():
        _, source, name, url = first.get(row.dump_id, (row.dump_id, "", row.dump_id, ""))
        found[row.dump_id] = Dump(
            dump_id=row.dump_id,
            payload=_payload_of(connection, row),
            name=name,
            source=source or None,
            url=url or None,
            media_type=row.media_type,
            size=row.size,
            corrections=said.get(row.dump_id, ()),
        )
    return [found[dump_id] for dump_id in dump_ids if dump_id in found]


def without_bytes(connection: Connection, dump_ids: Sequence[str]) -> set[str]:
    """Those of the stored dumps whose bytes could not be had."""
    found: set[str] = set()
    for some in portions(dump_ids):
        hollow = select(dumps.c.dump_id).where(dumps.c.dump_id.in_(some), ~has_bytes())
        found.update(connection.scalars(hollow))
    return found


def first_sightings(connection: Connection, dump_ids: Sequence[str]) -> dict[str, Sighting]:
    """Where each dump was met first."""
    first: dict[str, Sighting] = {}
    for dump_id, source, name, url in connection.execute(_SIGHTINGS, {"dump_ids": list(dump_ids)}).all():
        first.setdefault(dump_id, (dump_id, source, name, url))
    return first


def forget(connection: Connection, dump_ids: Sequence[str]) -> None:
    """Drop dumps that never had bytes (stand-ins for unreadable files); others are spared."""
    for some in portions(dump_ids):
        hollow = select(dumps.c.dump_id).where(dumps.c.dump_id.in_(some), ~has_bytes())
        ids = connection.scalars(hollow).all()
        for table in (sightings, ledger, dumps):
            connection.execute(delete(table).where(table.c.dump_id.in_(ids)))


def _sighting(dump: Dump) -> Sighting:
    return dump.dump_id, storable(dump.source or ""), storable(dump.name), storable(dump.url or "")


def _bytes_of(connection: Connection, dump: Dump) -> dict[str, object]:
    """The columns of a dump's bytes."""
    aside = _aside_of(connection)
    elsewhere = aside is not None and dump.payload is not None and aside.takes(dump.payload)
    inside = dump.payload is not None and not elsewhere
    return {
        "payload": packed(dump.payload) if inside and dump.payload is not None else None,
        "aside": elsewhere,
        "size": dump.size,
        "media_type": dump.media_type and storable(dump.media_type)[:MEDIA_TYPE_CHARACTERS],
    }


def _payload_of(connection: Connection, row: Row[tuple[object, ...]]) -> bytes | None:
    if row.aside:
        aside = _aside_of(connection)
        return aside.get(row.dump_id) if aside else None
    return None if row.payload is None else unpacked(row.payload)


def _aside_of(place: Connection | Engine) -> Aside | None:
    aside: Aside | None = place.get_execution_options().get("aside")
    return aside
