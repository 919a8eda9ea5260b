"""The ledger's side of what comes in: how much waits already, and who sends what is new."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select, update

from ingest.store.schema import ledger
from ingest.store.values import now, portions


def is_backlog_over(connection: Connection, limit: int) -> bool:
    """Whether more dumps than that wait to be cleaned; counts no further, so it is cheap whatever waits."""
    waits = select(ledger.c.dump_id).where(ledger.c.state.in_(("received", "queued"))).limit(limit + 1)
    return (connection.scalar(select(func.count()).select_from(waits.subquery())) or 0) > limit


def take_waiting(connection: Connection, dump_ids: Sequence[str]) -> list[str]:
    """Mark those of the dumps queued that were received and never sent.  -> these, in their order.

    The caller is to send them after its commit: of several that bring the same dump at once, one gets it here.
    """
    taken: set[str] = set()
    for some in portions(sorted(set(dump_ids))):
        waits = ledger.c.dump_id.in_(some), ledger.c.state == "received"
        # Locked in the order of the ids, as everywhere: no two wait for each other.
        asked = select(ledger.c.dump_id).where(*waits).order_by(ledger.c.dump_id).with_for_update()
        ids = connection.scalars(asked).all()
        connection.execute(
            update(ledger).where(ledger.c.dump_id.in_(ids)).values(state="queued", updated_at=now())
        )
        taken.update(ids)
    return [dump_id for dump_id in dict.fromkeys(dump_ids) if dump_id in taken]
