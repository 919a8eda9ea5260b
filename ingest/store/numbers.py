"""Numbers that are given once, also after deletions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, text

from ingest.store.engines import is_postgres
from ingest.store.schema import arrivals

_ADD = text(
    "INSERT INTO counters (name, value) VALUES (:name, :amount) "
    "ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value RETURNING value"
)


def allot(connection: Connection, name: str, amount: int = 1) -> int:
    """The first of the next `amount` numbers of a counter.

    The row stays locked until the transaction ends, so numbers become visible in their order.
    """
    return int(connection.execute(_ADD, {"name": name, "amount": amount}).scalar_one()) - amount + 1


def arrivals_of(connection: Connection, amount: int) -> Sequence[int]:
    """The next numbers in the order of receiving.  Pushers do not wait for each other: gaps and crossings at
    the same moment are no harm.
    """
    if is_postgres(connection):
        asked = select(arrivals.next_value()).select_from(text("generate_series(1, :n)"))
        return sorted(connection.scalars(asked, {"n": amount}))
    first = allot(connection, "arrivals", amount)
    return range(first, first + amount)
