"""Inserting rows that may be there already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Table


def insert_into(connection: Connection, table: Table) -> Any:
    """An INSERT that takes `on_conflict_do_nothing` and `on_conflict_do_update`, in the database's own dialect."""
    return _insert(connection.dialect.name)(table)


@cache
def replacing(dialect: str, table: Table, key: str) -> Any:
    """An INSERT of whole rows that takes the place of those that have the same key.  Made once."""
    add = _insert(dialect)(table)
    said = {column.name: add.excluded[column.name] for column in table.c if column.name != key}
    return add.on_conflict_do_update(index_elements=[key], set_=said)


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


@cache
def _insert(dialect: str) -> Callable[[Table], Any]:
    """Of one of them alone: to load the other's takes as long as to open a store."""
    insert: Callable[[Table], Any] = import_module(f"sqlalchemy.dialects.{dialect}").insert
    return insert
