"""The ledger: what state each dump is in, how often it was tried, why it failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast, get_args

from sqlalchemy import ColumnElement, Connection, bindparam, case, func, or_, select, update

from ingest.errors import UnusableDump
from ingest.model import Cleaned, State
from ingest.store.among import among
from ingest.store.payloads import first_sightings, has_bytes
from ingest.store.schema import dumps, ledger, sightings
from ingest.store.sites import is_outdated
from ingest.store.unindexed import unindexed
from ingest.store.values import now, portions, storable

TRACEBACK_CHARACTERS = 20_000  # the end of a longer one is kept: it names the error


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one dump is."""

    dump_id: str
    state: State
    attempts: int
    version: str | None  # of the pipeline, at its last finished work


@dataclass(frozen=True, slots=True)
class Dead:
    """A dump given up."""

    dump_id: str
    name: str  # of its first sighting
    reason: str
    message: str
    attempts: int
    traceback: str | None
    has_payload: bool  # without its bytes it cannot be tried again


def standings(connection: Connection, dump_ids: Sequence[str]) -> dict[str, Standing]:
    """Of the ids that the ledger knows."""
    found: dict[str, Standing] = {}
    columns = ledger.c.dump_id, ledger.c.state, ledger.c.attempts, ledger.c.pipeline_version
    for some in portions(dump_ids):
        for row in connection.execute(select(*columns).where(ledger.c.dump_id.in_(some))):
            found[row[0]] = Standing(row[0], row[1], row[2], row[3])
    return found


def begin(connection: Connection, dump_ids: Sequence[str]) -> None:
    """Count an attempt.  Commit it before the work starts: who dies at work cannot count any more."""
    for some in portions(dump_ids):
        connection.execute(
            update(ledger)
            .where(ledger.c.dump_id.in_(some))
            .values(state="cleaning", attempts=ledger.c.attempts + 1, updated_at=now())
        )


def give_back(connection: Connection, dump_ids: Sequence[str]) -> None:
    """Undo `begin` for dumps whose work was called off, through no fault of theirs."""
    for some in portions(dump_ids):
        attempts = case((ledger.c.attempts > 0, ledger.c.attempts - 1), else_=0)
        connection.execute(
            update(ledger)
            .where(ledger.c.dump_id.in_(some), ledger.c.state == "cleaning")
            .values(state="received", attempts=attempts, updated_at=now())
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a dump stands in the order of receiving."""

    arrival: int
    cleaned_before: bool


_PLACES = (
    select(ledger.c.dump_id, ledger.c.arrival, ledger.c.pipeline_version)
    .where(among(ledger.c.dump_id, "dump_ids"))
    .order_by(ledger.c.dump_id)
    .with_for_update()
)
_FINISH = (
    update(ledger)
    .where(among(ledger.c.dump_id, "dump_ids"))
    .values(
        state="done",
        holder=None,
        reason=None,
        message=None,
        traceback=None,
        pipeline_version=bindparam("version"),
        encoding=bindparam("how"),
        repairs=bindparam("mended", type_=ledger.c.repairs.type),
        updated_at=bindparam("at"),
    )
)


def places_to_store(connection: Connection, dump_ids: Sequence[str]) -> dict[str, Place]:
    """Locks the dumps' rows: results of one dump are stored by one transaction after the other."""
    rows = connection.execute(_PLACES, {"dump_ids": list(dump_ids)}).all()
    return {dump_id: Place(arrival, version is not None) for dump_id, arrival, version in rows}


def finish(connection: Connection, results: Iterable[Cleaned], version: str) -> None:
    """The dumps are done; also those that held no article."""
    alike: dict[tuple[str | None, tuple[str, ...]], list[str]] = {}
    for cleaned in results:
        alike.setdefault((cleaned.encoding, cleaned.repairs), []).append(cleaned.dump_id)
    at = now()
    for (encoding, repairs), dump_ids in alike.items():
        said = {"version": version, "how": encoding, "mended": list(repairs), "at": at}
        connection.execute(_FINISH, {**said, "dump_ids": dump_ids})


def bury(
    connection: Connection,
    dump_id: str,
    fault: UnusableDump,
    version: str | None,
    traceback: str | None = None,
) -> None:
    """The dump is given up, with the reason; no `version` where no pipeline saw it this time.

    Documents of an earlier success stay, in the store and in the near-copy index.
    """
    connection.execute(
        update(ledger)
        .where(ledger.c.dump_id == dump_id)
        .values(
            state="dead",
            holder=None,
            reason=storable(fault.reason),
            message=storable(fault.message),
            traceback=storable(traceback[-TRACEBACK_CHARACTERS:]) if traceback else None,
            pipeline_version=ledger.c.pipeline_version if version is None else version,
            updated_at=now(),
        )
    )


@dataclass(frozen=True, slots=True)
class Selection:
    """Which finished dumps are to be cleaned again."""

    version: str | None  # cleaned by another version of the pipeline, or with other furniture; None: all
    source: str | None = None  # where they were seen first or since


def done_after(
    connection: Connection, selection: Selection, arrival: int, limit: int
) -> list[tuple[int, str]]:
    """Dumps that are done and have bytes, in the order of receiving.  -> (arrival, dump_id)."""
    asked = select(ledger.c.arrival, ledger.c.dump_id).join(dumps).where(*_selected(selection, arrival))
    rows = connection.execute(asked.order_by(ledger.c.arrival).limit(limit))
    return [(row.arrival, row.dump_id) for row in rows]


def count_done(connection: Connection, selection: Selection, arrival: int) -> int:
    """How many `done_after` would give in all."""
    asked = select(func.count()).select_from(ledger).join(dumps).where(*_selected(selection, arrival))
    return connection.scalar(asked) or 0


def _selected(selection: Selection, arrival: int) -> list[ColumnElement[bool]]:
    conditions = [unindexed(ledger.c.state == "done"), ledger.c.arrival > arrival, has_bytes()]
    if selection.version is not None:
        conditions.append(or_(ledger.c.pipeline_version != selection.version, is_outdated()))
    if selection.source is not None:
        seen = select(sightings.c.dump_id).where(sightings.c.source == selection.source)
        conditions.append(ledger.c.dump_id.in_(seen))
    return conditions


def open_again(connection: Connection, dump_ids: Sequence[str]) -> list[str]:
    """Make finished and dead dumps `received`, with all their attempts; others are spared, and those without bytes.

    Their documents stay until the new result is stored.  -> the dumps that are open now, in this order.
    """
    opened: set[str] = set()
    for some in portions(sorted(dump_ids)):
        settled = ledger.c.dump_id.in_(some), unindexed(ledger.c.state.in_(("done", "dead"))), has_bytes()
        asked = select(ledger.c.dump_id).join(dumps).where(*settled).order_by(ledger.c.dump_id)
        ids = connection.scalars(asked.with_for_update(of=ledger)).all()
        connection.execute(
            update(ledger)
            .where(ledger.c.dump_id.in_(ids))
            .values(state="received", attempts=0, traceback=None, updated_at=now())
        )
        opened.update(ids)
    return [dump_id for dump_id in dump_ids if dump_id in opened]


def unfinished(connection: Connection) -> int:
    """Dumps that wait or are in work."""
    waits = ledger.c.state.in_(("received", "queued", "cleaning"))
    return connection.scalar(select(func.count()).select_from(ledger).where(waits)) or 0


def dead(connection: Connection, dump_ids: Sequence[str] | None = None) -> list[Dead]:
    """The dead among these dumps, in this order; without ids all of them, in the order of their arrival."""
    if dump_ids is None:
        asked = select(ledger.c.dump_id).join(dumps).where(ledger.c.state == "dead")
        dump_ids = connection.scalars(asked.order_by(dumps.c.received_at, dumps.c.dump_id)).all()
    first, found = first_sightings(connection, dump_ids), {}
    for some in portions(dump_ids):
        rows = connection.execute(
            select(ledger, has_bytes().label("has_payload"))
            .join(dumps)
            .where(ledger.c.dump_id.in_(some), ledger.c.state == "dead")
        )
        for row in rows:
            name = first[row.dump_id][2] if row.dump_id in first else row.dump_id
            found[row.dump_id] = Dead(
                row.dump_id, name, row.reason, row.message, row.attempts, row.traceback, bool(row.has_payload)
            )
    return [found[dump_id] for dump_id in dump_ids if dump_id in found]


def counts(connection: Connection) -> dict[State, int]:
    """Dumps by state; every state is there, in the order of a dump's life."""
    rows = connection.execute(select(ledger.c.state, func.count()).group_by(ledger.c.state))
    counted: dict[str, int] = {row[0]: row[1] for row in rows}
    return {state: counted.get(state, 0) for state in cast("tuple[State, ...]", get_args(State))}
