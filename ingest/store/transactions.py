"""Transactions: reading, writing, and what all do in one order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import InterfaceError, OperationalError

from ingest.errors import Unavailable
from ingest.store.engines import BUSY_SECONDS, is_postgres

_TURN = (
    7_303_014_001  # key of an advisory lock of Postgres; any number that nobody else in this database uses
)
# Who writes and then does nothing is given up, for his locks would stop everybody; who reads for long, as into a slow
# pipe, holds none.
_IDLE_LIMIT = f"SET LOCAL idle_in_transaction_session_timeout = '{BUSY_SECONDS}s'"
_AFTERWARDS = "ingest-afterwards"  # what a connection is to do after its commit


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view; never waits for a writer, never makes one wait.  Raises Unavailable."""
    with _translated("read"), engine.connect() as connection:
        if is_postgres(connection):
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine, *, lasting: bool = True) -> Iterator[Connection]:
    """A transaction: committed whole or not at all.  Raises Unavailable.

    On SQLite it is alone in the store from its first line.  On Postgres others write beside it: rows that it
    decides by, it locks (in the order of their ids, so that no two wait for each other); what all do in one
    order, it does after `in_turn`.  Not `lasting`: on SQLite it need not survive a power cut, and so waits for no disk;
    whoever ends otherwise, also by SIGKILL, has written it.
    """
    options = {"writing": True, "lasting": lasting}
    with _translated("written"), engine.connect().execution_options(**options) as connection:
        connection.info.pop(_AFTERWARDS, None)  # of one that failed
        with connection.begin():
            if is_postgres(connection):
                connection.exec_driver_sql(_IDLE_LIMIT)
            yield connection
        for work in connection.info.pop(_AFTERWARDS, ()):
            work()


def afterwards(connection: Connection, work: Callable[[], None]) -> None:
    """Do this when the transaction is committed, and only then: for what is kept elsewhere.

    Who is killed between the two never does it.
    """
    connection.info.setdefault(_AFTERWARDS, []).append(work)


def in_turn(connection: Connection) -> None:
    """From here to its end, this transaction is the only one that has come so far.

    So what is numbered after this (`allot`) becomes visible in the order of its numbers, and of two that bring
    the same text one sees the other's.  Come here late, and end soon.
    """
    if is_postgres(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TURN})


@contextmanager
def _translated(done: str) -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:  # locked for too long, disk full, connection lost
        raise Unavailable(f"the store cannot be {done} now: {error.orig}") from error
