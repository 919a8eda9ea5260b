"""The sources of the store, with those of the file taken over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from ingest.crawl.source import Source, definition_of, file_of_sources, read_sources, source_of
from ingest.errors import UsageError
from ingest.store import sources
from ingest.store.transactions import reading, writing


@dataclass(frozen=True, slots=True)
class Registered:
    """A source, and whether the schedule crawls it."""

    source: Source
    is_enabled: bool
    seeded: bool  # by the file


def registered(engine: Engine) -> list[Registered]:
    """All sources, by name.  Raises UsageError for a file or an entry that is not right."""
    seed(engine)
    with reading(engine) as connection:
        return [_of(entry) for entry in sources.listed(connection)]


def chosen(engine: Engine, names: Sequence[str]) -> list[Source]:
    """The sources of these names; without names, those that are enabled.  Raises UsageError."""
    seed(engine)
    with reading(engine) as connection:
        if names:
            return [_of(sources.find(connection, name)).source for name in dict.fromkeys(names)]
        found = [_of(entry).source for entry in sources.listed(connection) if entry.is_enabled]
    if not found:
        raise UsageError("no source is enabled: ingest sources add https://…, or config/sources.toml")
    return found


def add(engine: Engine, source: Source) -> None:
    """Raises UsageError where one has its name."""
    seed(engine)
    with writing(engine) as connection:
        sources.add(connection, source.name, definition_of(source))


def say(engine: Engine, name: str, word: sources.Word) -> None:
    """A person's word, over the definition's.  Raises UsageError where there is none of this name."""
    seed(engine)
    with writing(engine) as connection:
        sources.say(connection, name, word)


def seed(engine: Engine) -> None:
    """Take over what config/sources.toml says, where it changed."""
    definitions = {source.name: definition_of(source) for source in read_sources(file_of_sources())}
    if not definitions:
        return
    with reading(engine) as connection:
        known = {e.name: e for e in sources.listed(connection)}
    news = {n: d for n, d in definitions.items() if n not in known or known[n].definition != d}
    if news:
        with writing(engine) as connection:
            sources.seed(connection, news)


def _of(entry: sources.Entry) -> Registered:
    return Registered(source_of(entry.name, entry.definition), entry.is_enabled, entry.seeded)
