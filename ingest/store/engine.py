"""Opening a store, and its transactions.  The only place that knows SQLite from other databases."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from ingest.errors import Unavailable, UsageError
from ingest.store.schema import REVISION, counters, metadata

T = TypeVar("T")

BUSY_SECONDS = 60  # how long one process waits for another's transaction; ours last milliseconds
MAX_BINDS = 500  # values in one IN (...): SQLite allowed 999 variables for long


def open_engine(store_url: str) -> Engine:
    """An engine on the store, made or brought to today's schema where needed; `sqlite://` is in memory.

    Raises UsageError for an URL that names no store, Unavailable where the store cannot be opened.
    """
    url = _url(store_url)
    try:
        if url.get_backend_name() == "sqlite" and not _in_memory(url):
            Path(str(url.database)).expanduser().parent.mkdir(parents=True, exist_ok=True)
        engine = _engine(url)
        try:
            _bring_up(engine, fresh=_in_memory(url))
        except BaseException:
            engine.dispose()
            raise
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise Unavailable(f"cannot open the store {url.render_as_string()}: {cause}") from error
    return engine


@contextmanager
def opened(store_url: str) -> Iterator[Engine]:
    """A store for the length of a block; errors as of `open_engine`."""
    engine = open_engine(store_url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view; never waits for a writer, never makes one wait."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is alone in the store from its first line: committed whole or not at all."""
    try:
        with engine.connect().execution_options(writing=True) as connection, connection.begin():
            yield connection
    except OperationalError as error:  # locked for too long, disk full, read-only, connection lost
        raise Unavailable(f"the store cannot be written now: {error.orig}") from error


def allot(connection: Connection, name: str, amount: int = 1) -> int:
    """The first of the next `amount` numbers of a counter.

    The row stays locked until the transaction ends, so numbers become visible in their order.
    """
    here = counters.c.name == name
    result = connection.execute(update(counters).where(here).values(value=counters.c.value + amount))
    if not result.rowcount:
        connection.execute(insert(counters).values(name=name, value=amount))
    return int(connection.scalars(select(counters.c.value).where(here)).one()) - amount + 1


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


def _url(store_url: str) -> URL:
    try:
        url = make_url(store_url)
    except ArgumentError as error:
        raise UsageError(f"{store_url!r} is not a store's URL: write sqlite:///PATH") from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise UsageError(f"a store of the kind {url.get_backend_name()!r} is not known: write sqlite:///PATH")
    if url.get_backend_name() == "sqlite" and url.database and url.database.startswith("~"):
        url = url.set(database=str(Path(url.database).expanduser()))
    return url


def _in_memory(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def _engine(url: URL) -> Engine:
    options: dict[str, Any] = {"poolclass": StaticPool} if _in_memory(url) else {}
    if url.get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    try:
        engine = create_engine(url, **options)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise UsageError(f"the store {url.render_as_string()} needs a driver: {error}") from error
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    return engine


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


def _bring_up(engine: Engine, *, fresh: bool) -> None:
    if fresh:
        metadata.create_all(engine)
        return
    if _revision(engine) == REVISION:
        return
    if engine.dialect.name == "sqlite":
        _use_wal(engine)
    with writing(engine) as connection:
        # Another process may have been first: alembic, inside the lock, looks again.
        from ingest.store.migrations import upgrade  # alembic is half a second of imports

        upgrade(connection)


def _revision(engine: Engine) -> str | None:
    with reading(engine) as connection:
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
