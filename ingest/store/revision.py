"""The revision that a store's schema is of, and bringing it to today's."""

from __future__ import annotations

import sqlite3
import time

from sqlalchemy import Connection, Engine, inspect, text

from ingest.store.engines import BUSY_SECONDS, is_postgres
from ingest.store.schema import REVISION, metadata
from ingest.store.searchable import make_searchable
from ingest.store.transactions import reading, writing

_LOCK = (
    7_303_014_002  # key of an advisory lock of Postgres; any number that nobody else in this database uses
)

# As alembic makes it.
_VERSION = (
    "CREATE TABLE alembic_version "
    "(version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


def bring_up(engine: Engine, *, fresh: bool) -> str | None:
    """-> the revision that it was of; None: it was empty.  `fresh`: nobody can have written to it."""
    if fresh:
        with writing(engine) as connection:
            _create(connection)
        return None
    with reading(engine) as connection:
        if _revision_of(connection) == REVISION:
            return REVISION
    if engine.dialect.name == "sqlite":
        _use_wal(engine)
    with writing(engine) as connection:
        if is_postgres(connection):
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        # Another process may have been first: inside the lock, we and alembic look again.
        before = _revision_of(connection)
        if before is None and not metadata.tables.keys() & set(inspect(connection).get_table_names()):
            _create(connection)
            return None
        from ingest.store.migrations import upgrade  # alembic is half a second of imports

        upgrade(connection)
        return before


def _create(connection: Connection) -> None:
    """What all migrations together make, at once."""
    metadata.create_all(connection)
    make_searchable(connection)
    connection.exec_driver_sql(_VERSION)
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISION})


def _revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _use_wal(engine: Engine) -> None:
    """Readers beside a writer, from now on for every process; the mode is kept in the file."""
    raw = engine.raw_connection()
    until = time.monotonic() + BUSY_SECONDS
    try:
        while True:
            try:
                raw.cursor().execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                # Another process opens the same fresh store; SQLite does not wait for this lock by itself.
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                return
    finally:
        raw.close()
