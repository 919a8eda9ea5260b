"""What a service that was killed left in the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, case, select, update

from ingest.store.schema import ledger
from ingest.store.values import now, portions

_WAITING = ("received", "queued")
_ROWS = 2000  # rows fetched at once


def let_go(connection: Connection, holders: Sequence[str]) -> int:
    """Dumps that these tasks have in work are queued again, and the attempt does not count.  -> their number.

    For tasks that died with everything around them, through no fault of a dump, and whose messages are still
    there: the next one to read a message claims its dumps as if it were the first.
    """
    number = 0
    attempts = case((ledger.c.attempts > 0, ledger.c.attempts - 1), else_=0)
    for some in portions(holders):
        number += connection.execute(
            update(ledger)
            .where(ledger.c.state == "cleaning", ledger.c.holder.in_(some))
            .values(state="queued", holder=None, attempts=attempts, updated_at=now())
        ).rowcount
    return number


def waiting(connection: Connection, *, until: str) -> Iterator[tuple[str, int]]:
    """Dumps that wait for a worker, and have since `until` or longer: (dump_id, attempts)."""
    asked = select(ledger.c.dump_id, ledger.c.attempts).where(
        ledger.c.state.in_(_WAITING), ledger.c.updated_at <= until
    )
    for row in connection.execution_options(yield_per=_ROWS).execute(asked):
        yield row.dump_id, row.attempts


def take_back(connection: Connection, dump_ids: Sequence[str]) -> None:
    """Those of the dumps that still wait are `received`: no message names them."""
    for some in portions(dump_ids):
        connection.execute(
            update(ledger)
            .where(ledger.c.dump_id.in_(some), ledger.c.state.in_(_WAITING))
            .values(state="received", updated_at=now())
        )
