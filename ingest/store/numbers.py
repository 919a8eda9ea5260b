"""Numbers that are given once, also after deletions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, text

from ingest.store.engines import is_postgres
from ingest.store.inserts import insert_into
from ingest.store.schema import arrivals, counters


def allot(connection: Connection, name: str, amount: int = 1) -> int:
    """The first of the next `amount` numbers of a counter.

    The row stays locked until the transaction ends, so numbers become visible in their order.
    """
    add = insert_into(connection, counters).values(name=name, value=amount)
    more = {"value": counters.c.value + amount}
    connection.execute(add.on_conflict_do_update(index_elements=["name"], set_=more))
    return int(connection.scalars(select(counters.c.value).where(counters.c.name == name)).one()) - amount + 1


def arrivals_of(connection: Connection, amount: int) -> Sequence[int]:
    """The next numbers in the order of receiving.  Pushers do not wait for each other: gaps and crossings at
    the same moment are no harm.
    """
    if is_postgres(connection):
        asked = select(arrivals.next_value()).select_from(text("generate_series(1, :n)"))
        return sorted(connection.scalars(asked, {"n": amount}))
    first = allot(connection, "arrivals", amount)
    return range(first, first + amount)
