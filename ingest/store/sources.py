"""Where dumps are fetched from, as data: defined by config/sources.toml or by commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, update

from ingest.errors import UsageError
from ingest.store.inserts import insert_into, insert_new
from ingest.store.schema import sources
from ingest.store.values import now

Definition = Mapping[str, Any]  # as `ingest.crawl.source.Source` reads it
Word = Literal["enable", "disable"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A source as the store has it."""

    name: str
    definition: Definition
    seeded: bool  # by the file
    word: Word | None  # a person's, over what the definition says

    @property
    def is_enabled(self) -> bool:
        return self.word == "enable" if self.word else bool(self.definition.get("enabled", True))


def seed(connection: Connection, definitions: Mapping[str, Definition]) -> list[str]:
    """Take over what the file defines; what commands said of a source stays.  -> the names that changed.

    A source that the file defines no more stays as it is: other machines may have other files.
    """
    known, changed = {entry.name: entry for entry in listed(connection)}, list[str]()
    for name, definition in sorted(definitions.items()):
        entry = known.get(name)
        if entry and (not entry.seeded or entry.definition == definition):
            continue
        row = {"name": name, "definition": dict(definition), "seeded": True, "changed_at": now()}
        add = insert_into(connection, sources).values(row)
        said = {key: row[key] for key in ("definition", "changed_at")}
        connection.execute(add.on_conflict_do_update(index_elements=["name"], set_=said))
        changed.append(name)
    return changed


def add(connection: Connection, name: str, definition: Definition) -> None:
    """Raises UsageError where a source has this name."""
    row = {"name": name, "definition": dict(definition), "seeded": False, "changed_at": now()}
    if not insert_new(connection, sources, row):
        raise UsageError(f"there is a source {name!r} already: give this one another --name")


def say(connection: Connection, name: str, word: Word) -> None:
    """A person's word on whether it is crawled.  Raises UsageError where there is none of this name."""
    here = update(sources).where(sources.c.name == name)
    if not connection.execute(here.values(word=word, changed_at=now())).rowcount:
        raise _unknown(name)


def listed(connection: Connection) -> list[Entry]:
    """By name."""
    return [_entry(row) for row in connection.execute(select(sources).order_by(sources.c.name))]


def find(connection: Connection, name: str) -> Entry:
    """Raises UsageError where there is none of this name."""
    row = connection.execute(select(sources).where(sources.c.name == name)).one_or_none()
    if row is None:
        raise _unknown(name)
    return _entry(row)


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.name, row.definition, bool(row.seeded), row.word)


def _unknown(name: str) -> UsageError:
    return UsageError(f"no source has the name {name!r}: see ingest sources list")
