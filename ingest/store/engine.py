"""Opening a store, and its transactions.  The only place that knows one database from the other."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.pool import StaticPool

from ingest.errors import Unavailable, UsageError
from ingest.settings import Settings
from ingest.store.aside import Aside
from ingest.store.schema import REVISION, arrivals, counters, metadata

T = TypeVar("T")

_FORMS = "sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME"

BUSY_SECONDS = 60  # how long one process waits for another's transaction; ours last milliseconds
MAX_BINDS = 500  # values in one IN (...): SQLite allowed 999 variables for long

# Keys of Postgres' advisory locks; any numbers that nobody else in this database uses.
_TURN, _MIGRATION = 7_303_014_001, 7_303_014_002

# A statement, or a wait for another's lock, that takes longer is given up; so is a transaction whose process
# sits in it and does nothing, for its locks would stop everybody.
_POSTGRES_OPTIONS = (
    f"-c statement_timeout={BUSY_SECONDS}s -c lock_timeout={BUSY_SECONDS}s "
    f"-c idle_in_transaction_session_timeout={BUSY_SECONDS}s"
)
_POSTGRES_CONNECT = {
    "application_name": "ingest",
    "connect_timeout": 10,
    # A server that vanished without a word is noticed within a minute.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}


def open_store(settings: Settings) -> Engine:
    """The store of these settings; as `open_engine`, and large payloads lie in their folder."""
    return open_engine(settings.store_url, Aside(settings.payloads_url, settings.inline_bytes))


def open_engine(store_url: str, aside: Aside | None = None) -> Engine:
    """An engine on the store, made or brought to today's schema where needed; `sqlite://` is in memory.

    `aside`: where large payloads lie; without it all are in the database.  Raises UsageError for an URL that
    names no store, Unavailable where the store cannot be opened.
    """
    engine, _ = _brought_up(store_url)
    return engine.execution_options(aside=aside)


def migrate(store_url: str) -> str | None:
    """Bring the store to today's schema, as opening it does.  -> the revision that it was of; None: it was empty.

    Errors as of `open_engine`.
    """
    engine, before = _brought_up(store_url)
    engine.dispose()
    return before


@contextmanager
def opened(settings: Settings) -> Iterator[Engine]:
    """A store for the length of a block; errors as of `open_engine`."""
    engine = open_store(settings)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view; never waits for a writer, never makes one wait.  Raises Unavailable."""
    with _translated("read"), engine.connect() as connection:
        if _is_postgres(connection):
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with connection.begin():
            if _is_postgres(connection):  # who reads for long, as into a slow pipe, holds no lock
                connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction: committed whole or not at all.  Raises Unavailable.

    On SQLite it is alone in the store from its first line.  On Postgres others write beside it: rows that it
    decides by, it locks (in the order of their ids, so that no two wait for each other); what all do in one
    order, it does after `in_turn`.
    """
    with (
        _translated("written"),
        engine.connect().execution_options(writing=True) as connection,
        connection.begin(),
    ):
        yield connection


def in_turn(connection: Connection) -> None:
    """From here to its end, this transaction is the only one that has come so far.

    So what is numbered after this (`allot`) becomes visible in the order of its numbers, and of two that bring
    the same text one sees the other's.  Come here late, and end soon.
    """
    if _is_postgres(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TURN})


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
    if _is_postgres(connection):
        asked = select(arrivals.next_value()).select_from(text("generate_series(1, :n)"))
        return sorted(connection.scalars(asked, {"n": amount}))
    first = allot(connection, "arrivals", amount)
    return range(first, first + amount)


def insert_into(connection: Connection, table: Table) -> Any:
    """An INSERT that takes `on_conflict_do_nothing` and `on_conflict_do_update`, in the database's own dialect."""
    return postgresql.insert(table) if _is_postgres(connection) else sqlite.insert(table)


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless its key is there.  -> whether it was not.

    Of two at once one inserts; the other waits until the first is committed.
    """
    add = insert_into(connection, table).values(row).on_conflict_do_nothing()
    # SQLAlchemy keeps the count of an INSERT only where it is told to.
    return bool(connection.execute(add, execution_options={"preserve_rowcount": True}).rowcount)


def insert_missing(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert those of the rows that are not there yet.  Give them in an order that is everybody's."""
    if rows:
        connection.execute(insert_into(connection, table).on_conflict_do_nothing(), rows)


def portions(values: Sequence[T], size: int = MAX_BINDS) -> Iterator[Sequence[T]]:
    """The values in pieces that fit one statement."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def now() -> str:
    """This moment as the store writes it: ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def storable(value: str) -> str:
    """The text without what a database refuses: NUL and lone surrogates become U+FFFD."""
    return value.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@contextmanager
def _translated(done: str) -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:  # locked for too long, disk full, connection lost
        raise Unavailable(f"the store cannot be {done} now: {error.orig}") from error


def _is_postgres(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _url(store_url: str) -> URL:
    try:
        url = make_url(store_url)
    except ArgumentError as error:
        raise UsageError(f"{store_url!r} is not a store's URL: write {_FORMS}") from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise UsageError(f"a store of the kind {url.get_backend_name()!r} is not known: write {_FORMS}")
    if url.drivername == "postgresql":  # SQLAlchemy would look for psycopg2
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database and url.database.startswith("~"):
        url = url.set(database=str(Path(url.database).expanduser()))
    return url


def _brought_up(store_url: str) -> tuple[Engine, str | None]:
    """The engine, and the revision that the store was of."""
    url = _url(store_url)
    try:
        if url.get_backend_name() == "sqlite" and not _in_memory(url):
            Path(str(url.database)).expanduser().parent.mkdir(parents=True, exist_ok=True)
        engine = _engine(url)
        try:
            return engine, _bring_up(engine, fresh=_in_memory(url))
        except BaseException:
            engine.dispose()
            raise
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise Unavailable(f"cannot open the store {url.render_as_string()}: {cause}") from error


def _in_memory(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def _engine(url: URL) -> Engine:
    try:
        return _sqlite_engine(url) if url.get_backend_name() == "sqlite" else _postgres_engine(url)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise UsageError(f"the store {url.render_as_string()} needs a driver: {error}") from error


def _sqlite_engine(url: URL) -> Engine:
    options: dict[str, Any] = {"poolclass": StaticPool} if _in_memory(url) else {}
    options["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(url, **options)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _postgres_engine(url: URL) -> Engine:
    options = f"{_POSTGRES_OPTIONS} {url.query.get('options', '')}"  # what the URL says comes last, and wins
    return create_engine(
        url,
        connect_args={**_POSTGRES_CONNECT, "options": options},
        # A connection that the server closed since (a restart) is found out before it is used.
        pool_pre_ping=True,
        pool_size=4,  # a worker process uses one, the API a few
        max_overflow=12,
        pool_timeout=BUSY_SECONDS,
    )


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: sqlite3's own begins too late to hold a lock
    connection.execute("PRAGMA foreign_keys = ON")
    # FULL: a committed dump survives a power cut.  Batches make its one fsync a commit cheap.
    connection.execute("PRAGMA synchronous = FULL")


def _on_begin(connection: Connection) -> None:
    # IMMEDIATE: the writer waits for its turn here.  A transaction that reads first and writes later
    # would fail instead of waiting where another wrote in between.
    alone = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if alone else "BEGIN")


def _bring_up(engine: Engine, *, fresh: bool) -> str | None:
    if fresh:
        metadata.create_all(engine)
        return None
    with reading(engine) as connection:
        if _revision(connection) == REVISION:
            return REVISION
    if engine.dialect.name == "sqlite":
        _use_wal(engine)
    with writing(engine) as connection:
        if _is_postgres(connection):
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION})
        # Another process may have been first: inside the lock, we and alembic look again.
        before = _revision(connection)
        from ingest.store.migrations import upgrade  # alembic is half a second of imports

        upgrade(connection)
        return before


def _revision(connection: Connection) -> str | None:
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
