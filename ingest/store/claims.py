"""Who has which dump in work: the ledger's side of the queue.

A message may be lost, or come twice, or come to a second worker while the first still has its dumps.  The
ledger decides: a dump that waits is claimed by one task, and while that holds it no other can claim it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, case, or_, select, update

from ingest.store.among import among
from ingest.store.ledger import TRACEBACK_CHARACTERS
from ingest.store.schema import dumps, ledger
from ingest.store.unindexed import unindexed
from ingest.store.values import now, portions, storable

_IS_OPEN = unindexed(
    or_(
        ledger.c.state.in_(("received", "queued")),
        and_(ledger.c.state == "cleaning", ledger.c.holder == bindparam("mine")),
    )
)
_IS_RECEIVED = unindexed(ledger.c.state == "received")
_OPEN = (
    select(ledger.c.dump_id, ledger.c.attempts, ledger.c.traceback, dumps.c.size)
    .join(dumps)
    .where(among(ledger.c.dump_id, "dump_ids"), _IS_OPEN)
    .order_by(ledger.c.dump_id)
    .with_for_update(of=ledger)
)
_CLAIM = (
    update(ledger)
    .where(among(ledger.c.dump_id, "dump_ids"), _IS_OPEN)
    .values(
        state="cleaning",
        holder=bindparam("mine"),
        attempts=ledger.c.attempts + 1,
        updated_at=bindparam("at"),
    )
)


@dataclass(frozen=True, slots=True)
class Open:
    """A dump that a task may claim, and what its earlier attempts left."""

    dump_id: str
    attempts: int
    traceback: str | None
    size: int  # bytes of its payload


def waiting(connection: Connection, dump_ids: Sequence[str]) -> list[str]:
    """Those of the dumps that were received and never sent."""
    found: set[str] = set()
    for some in portions(dump_ids):
        asked = select(ledger.c.dump_id).where(ledger.c.dump_id.in_(some), _IS_RECEIVED)
        found.update(connection.scalars(asked))
    return [dump_id for dump_id in dump_ids if dump_id in found]


def mark_queued(connection: Connection, dump_ids: Sequence[str]) -> None:
    """A message names these dumps now.  Those that a worker has already are spared."""
    for some in portions(sorted(dump_ids)):
        waits = select(ledger.c.dump_id).where(ledger.c.dump_id.in_(some), _IS_RECEIVED)
        # Locked in the order of the ids, as `open_to` locks them: an UPDATE has an order of its own.
        ids = connection.scalars(waits.order_by(ledger.c.dump_id).with_for_update()).all()
        connection.execute(
            update(ledger).where(ledger.c.dump_id.in_(ids)).values(state="queued", updated_at=now())
        )


def open_to(connection: Connection, dump_ids: Sequence[str], holder: str) -> list[Open]:
    """Dumps that wait, and those that this task held when an earlier delivery of it came to nothing.

    Locked for the rest of the transaction, which must be a writing one.
    """
    rows = connection.execute(_OPEN, {"dump_ids": list(dump_ids), "mine": holder}).all()
    found = {row.dump_id: Open(row.dump_id, row.attempts, row.traceback, row.size) for row in rows}
    return [found[dump_id] for dump_id in dict.fromkeys(dump_ids) if dump_id in found]


def claim(connection: Connection, dump_ids: Sequence[str], holder: str) -> None:
    """Take dumps that are open to this task, and count the attempt.  Commit it before the work starts."""
    if dump_ids:
        connection.execute(_CLAIM, {"dump_ids": list(dump_ids), "mine": holder, "at": now()})


def release(
    connection: Connection,
    dump_ids: Sequence[str],
    holder: str,
    *,
    forgive: bool,
    traceback: str | None = None,
) -> None:
    """Make dumps that are open to this task `received` again, for anybody.

    `forgive`: their last attempt does not count, the fault was not theirs.  `traceback`: why it failed.
    """
    attempts = case((ledger.c.attempts > 0, ledger.c.attempts - 1), else_=0) if forgive else ledger.c.attempts
    for some in portions(dump_ids):
        connection.execute(
            update(ledger)
            .where(ledger.c.dump_id.in_(some), _IS_OPEN)
            .values(
                state="received",
                holder=None,
                attempts=attempts,
                traceback=storable(traceback[-TRACEBACK_CHARACTERS:]) if traceback else ledger.c.traceback,
                updated_at=now(),
            ),
            {"mine": holder},
        )


def take_back_stale(
    connection: Connection, *, before: str, queued_before: str, limit: int
) -> list[tuple[str, int]]:
    """Make dumps `received` again that nobody is at: the longest forgotten first, at most `limit`.

    That is what was received, or in work, and not touched since `before`, and what was queued before
    `queued_before` (times as `now` writes them).  -> (dump_id, attempts).
    """
    forgotten = or_(
        and_(ledger.c.state.in_(("received", "cleaning")), ledger.c.updated_at < before),
        and_(ledger.c.state == "queued", ledger.c.updated_at < queued_before),
    )
    asked = select(ledger.c.dump_id, ledger.c.attempts).where(forgotten)
    rows = connection.execute(
        # Rows that another transaction has locked are not forgotten.
        asked.order_by(ledger.c.updated_at, ledger.c.dump_id).limit(limit).with_for_update(skip_locked=True)
    ).all()
    for some in portions([row.dump_id for row in rows]):
        connection.execute(
            update(ledger)
            .where(ledger.c.dump_id.in_(some))
            .values(state="received", holder=None, updated_at=now())
        )
    return [(row.dump_id, row.attempts) for row in rows]
