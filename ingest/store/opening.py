"""Opening a store by its URL, at today's schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ingest.errors import Unavailable
from ingest.settings import Settings
from ingest.store.aside import Aside
from ingest.store.engines import engine_on, is_in_memory, shown_of, url_of
from ingest.store.revision import bring_up


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


def _brought_up(store_url: str) -> tuple[Engine, str | None]:
    """The engine, and the revision that the store was of."""
    url = url_of(store_url)
    try:
        if url.get_backend_name() == "sqlite" and not is_in_memory(url):
            Path(str(url.database)).expanduser().parent.mkdir(parents=True, exist_ok=True)
        engine = engine_on(url)
        try:
            return engine, bring_up(engine, fresh=is_in_memory(url))
        except BaseException:
            engine.dispose()
            raise
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise Unavailable(f"cannot open the store {shown_of(url)}: {cause}") from error
