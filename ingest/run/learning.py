"""Learning what sources repeat: at the end of a run, now and then while workers work, and when a person says so.

What is in force follows from the newest dumps of the source and from what people said, whatever was learned before
and in whatever order the dumps came.  It changes here alone, never in the midst of a run.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine

from ingest.errors import UsageError
from ingest.model import Site
from ingest.settings import Settings, Sites
from ingest.stages.furniture import key_of, line_of, stories_with, version_of
from ingest.store import sites
from ingest.store.transactions import reading, writing
from ingest.store.values import now, storable
from ingest.vocabulary.words import squeeze

MOST_IN_FORCE = 1000  # lines of a source; of more, those that most stories hold

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known of a source now."""

    source: str
    lines: int  # in force
    changed: bool


def learn(engine: Engine, settings: Settings) -> list[Learned]:
    """Count the sources with enough new dumps anew, each in a transaction of its own.  -> what became of them."""
    if not settings.sites.learn:
        return []
    with reading(engine) as connection:
        sources = sites.with_news(connection, settings.sites.stories)
    return [learn_source(engine, source, settings.sites) for source in sources]


def learn_source(engine: Engine, source: str, limits: Sites) -> Learned:
    """Count a source anew, whatever is new of it.  Raises UsageError where nothing ever came from it."""
    with writing(engine) as connection:
        sites.begin(connection, source)
        return _renew(connection, source, sites.lines_of(connection, source), limits)


def say(engine: Engine, source: str, texts: Sequence[str], word: sites.Word | None, limits: Sites) -> Learned:
    """A person's word on lines of a source, in force at once; None takes it back, and counting decides again.

    Raises UsageError for an unknown source, for what cannot be a line, and for a word that nobody said.
    """
    said = {line_named(text): storable(squeeze(text)) for text in texts}
    with writing(engine) as connection:
        sites.begin(connection, source)
        known = {line.line: line for line in sites.lines_of(connection, source)}
        for line, example in said.items():
            if word is None and (line not in known or known[line].word is None):
                raise UsageError(f"nobody said anything of {example!r}: see ingest sites show")
            known[line] = replace(known.get(line) or sites.Line(line, example, 0, now()), word=word)
        return _renew(connection, source, list(known.values()), limits)


def forget(engine: Engine, source: str) -> None:
    """Nothing is known of the source any more; what comes from now on is counted.  Raises UsageError."""
    with writing(engine) as connection:
        sites.begin(connection, source)
        sites.forget(connection, source)


def _renew(connection: Connection, source: str, before: Sequence[sites.Line], limits: Sites) -> Learned:
    pages = sites.take(connection, source, limits.window)
    number, counted = stories_with((story, lines) for _, story, lines in pages)
    least = max(limits.stories, math.ceil(number * limits.share))
    stories = dict(counted)
    often = sorted((key for key, held in stories.items() if held >= least), key=lambda k: (-stories[k], k))
    wanted = dict.fromkeys(often[:MOST_IN_FORCE])
    known = {key_of(line.line): line for line in before}
    lines = [
        replace(line, stories=stories.get(key, 0))
        for key, line in known.items()
        if line.word is not None or key in wanted
    ]
    new = [key for key in wanted if key not in known]
    lines += _texts_of(connection, dict.fromkeys(new, now()), stories, [dump_id for dump_id, _, _ in pages])
    furniture = frozenset(line.line for line in lines if line.in_force)
    version = version_of(Site(furniture, frozenset(line.line for line in lines if line.word == "restore")))
    old = sites.find(connection, source)
    sites.put(connection, source, lines, pages=len(pages), stories=number, version=version)
    changed = old.version != version
    in_force = sum(line.in_force for line in lines)
    if changed:
        _log.info("furniture of %r: %d lines, from %d stories", source, in_force, number)
    return Learned(source, in_force, changed)


def _texts_of(
    connection: Connection, since: dict[int, str], stories: dict[int, int], dump_ids: Sequence[str]
) -> Iterable[sites.Line]:
    """The lines with these keys, as the newest dumps wrote them."""
    missing = set(since)
    for text in sites.texts_in(connection, dump_ids) if missing else ():
        for line in {line_of(text, is_html=False), line_of(text, is_html=True)} - {None}:
            if line is not None and (key := key_of(line)) in missing:
                missing.remove(key)
                yield sites.Line(line, storable(squeeze(text)), stories[key], since[key])
        if not missing:
            return


def line_named(text: str) -> str:
    """A text as its line is compared and stored.  Raises UsageError for what cannot be a repeated line."""
    line = line_of(text, is_html=True)
    if line is None:
        raise UsageError(
            f"{squeeze(text)[:60]!r} cannot be a repeated line: it holds no letter, or is too long"
        )
    return storable(line)
