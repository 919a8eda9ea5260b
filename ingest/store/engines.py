"""An engine for each database.  The only place that knows one from the other by more than its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic_core import from_json
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from ingest.errors import UsageError
from ingest.redaction import redacted

BUSY_SECONDS = 60  # how long one process waits for another's transaction; ours last milliseconds

_FORMS = "sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME"

# A statement, or a wait for another's lock, that takes longer is given up.
_POSTGRES_OPTIONS = f"-c statement_timeout={BUSY_SECONDS}s -c lock_timeout={BUSY_SECONDS}s"
_POSTGRES_CONNECT = {
    "application_name": "ingest",
    "connect_timeout": 10,
    # A server that vanished without a word is noticed within a minute.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}


def url_of(store_url: str) -> URL:
    """The URL with its driver and its path in full.  Raises UsageError for one that names no store."""
    try:
        url = make_url(store_url)
    except (ArgumentError, ValueError):  # the latter of a port that is no number; both may quote the password
        raise UsageError(f"{redacted(store_url)!r} is not a store's URL: write {_FORMS}") from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise UsageError(f"a store of the kind {url.get_backend_name()!r} is not known: write {_FORMS}")
    if url.drivername == "postgresql":  # SQLAlchemy would look for psycopg2
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database and url.database.startswith("~"):
        url = url.set(database=str(Path(url.database).expanduser()))
    return url


def shown_of(url: URL) -> str:
    """The URL for people: without its password."""
    return redacted(url.render_as_string())


def is_in_memory(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def is_postgres(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def engine_on(url: URL) -> Engine:
    """Nothing is connected yet.  Raises UsageError where the database's driver is missing."""
    try:
        return _sqlite_engine(url) if url.get_backend_name() == "sqlite" else _postgres_engine(url)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise UsageError(f"the store {shown_of(url)} needs a driver: {error}") from error


def _sqlite_engine(url: URL) -> Engine:
    options: dict[str, Any] = {"poolclass": StaticPool} if is_in_memory(url) else {}
    options["json_deserializer"] = from_json
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
        json_deserializer=from_json,  # a page of documents has hundreds of small lists: json's own takes a millisecond
        # A connection that the server closed since (a restart) is found out before it is used.
        pool_pre_ping=True,
        pool_size=4,  # a worker process uses one, the API a few
        max_overflow=12,
        pool_timeout=BUSY_SECONDS,
    )


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: sqlite3's own begins too late to hold a lock
    connection.execute("PRAGMA foreign_keys = ON")


def _on_begin(connection: Connection) -> None:
    # IMMEDIATE: the writer waits for its turn here.  A transaction that reads first and writes later
    # would fail instead of waiting where another wrote in between.
    options = connection.get_execution_options()
    if not options.get("writing"):
        connection.exec_driver_sql("BEGIN")
        return
    # FULL: a committed dump survives a power cut.  Batches make its one fsync a commit cheap.
    connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if options.get('lasting', True) else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
