"""What a person's word would change: a site's newest dumps without its rule and with it, a dump's stories as cut anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from sqlalchemy import Connection, Engine, select

from ingest.errors import UsageError
from ingest.model import Cleaned, Site
from ingest.review.correct import Clean, cleanable
from ingest.review.stories import stories_of
from ingest.review.wish import Wish, spoken_of
from ingest.run.learning import line_named
from ingest.run.worker import Success
from ingest.store import sites
from ingest.store.payloads import dumps_in
from ingest.store.schema import page_lines
from ingest.store.transactions import reading
from ingest.vocabulary.words import words

_SHOWN = 160  # characters of a story's beginning and end
LOOKED_AT = 12  # dumps, each cleaned twice at most

Mark = Literal["kept", "lost", "gained"]


@dataclass(frozen=True, slots=True)
class Changed:
    """A dump whose documents the rule would change."""

    dump_id: str
    title: str | None
    lines: tuple[tuple[Mark, str], ...]  # paragraphs that change, each with its neighbours


@dataclass(frozen=True, slots=True)
class Preview:
    source: str
    line: str  # as lines are compared
    looked_at: int
    changed: tuple[Changed, ...]


def preview(engine: Engine, clean: Clean, source: str, text: str, word: sites.Word) -> Preview:
    """Nothing is stored.  Raises UsageError for what cannot be a repeated line, Unavailable."""
    line = line_named(text)
    with reading(engine) as connection:
        ids = newest_of(connection, source, LOOKED_AT)
        dumps = [dump for dump in dumps_in(connection, ids) if dump.payload is not None]
        now = sites.in_force(connection, [source])[source]
    then = _with(now, line, word)
    changed = []
    for dump in dumps:
        before, after = clean(dump, now), clean(dump, then)
        if isinstance(before, Success) and isinstance(after, Success):
            lines = _diff(_paragraphs(before.cleaned), _paragraphs(after.cleaned))
            if lines:
                titles = [article.title for article in before.cleaned.articles]
                changed.append(Changed(dump.dump_id, titles[0] if titles else None, lines))
    return Preview(source, line, len(dumps), tuple(changed))


def newest_of(connection: Connection, source: str, limit: int) -> Sequence[str]:
    """The source's newest finished dumps."""
    asked = select(page_lines.c.dump_id).where(page_lines.c.source == source)
    return connection.scalars(asked.order_by(page_lines.c.arrival.desc()).limit(limit)).all()


def _with(site: Site, line: str, word: sites.Word) -> Site:
    furniture = site.furniture | {line} if word == "drop" else site.furniture - {line}
    restored = site.restored | {line} if word == "restore" else site.restored - {line}
    return replace(site, furniture=furniture, restored=restored)


def _paragraphs(cleaned: Cleaned) -> list[str]:
    found = []
    for article in cleaned.articles:
        found += [f"# {article.title}"] if article.title else []
        found += article.text.split("\n\n")
        found += [f"[{caption}]" for caption in article.captions]
    return found


def _diff(before: Sequence[str], after: Sequence[str]) -> tuple[tuple[Mark, str], ...]:
    """Changed paragraphs, each with those next to it; none where nothing changes."""
    lines: list[tuple[Mark, str]] = []
    for what, start, end, then, until in SequenceMatcher(None, before, after).get_opcodes():
        if what == "equal":
            lines += [("kept", line) for line in before[start:end]]
        else:
            lines += [("lost", line) for line in before[start:end]] + [
                ("gained", line) for line in after[then:until]
            ]
    near = {i + step for i, (mark, _) in enumerate(lines) if mark != "kept" for step in (-1, 0, 1)}
    return tuple(line for i, line in enumerate(lines) if i in near)


@dataclass(frozen=True, slots=True)
class Told:
    """A story as a preview shows it."""

    title: str | None
    words: int
    begins: str  # this and the next: of its text
    ends: str


@dataclass(frozen=True, slots=True)
class Recut:
    """The stories of a dump as they are, and as they would be."""

    now: tuple[Told, ...]
    then: tuple[Told, ...]
    changes: bool


def recut(engine: Engine, clean: Clean, wish: Wish) -> Recut:
    """Nothing is stored.  Raises UsageError where the dump has no such span, or cannot be cleaned; Unavailable."""
    wish.check()
    with reading(engine) as connection:
        dump = cleanable(connection, wish.dump_id)
        spoken_of(connection, wish)
        known_as = sites.source_of(dump.source, dump.url)
        site = sites.in_force(connection, [known_as])[known_as]
    wished = replace(dump, corrections=(*dump.corrections, wish.correction))
    now, then = clean(dump, site), clean(wished, site)
    if not isinstance(now, Success) or not isinstance(then, Success):
        raise UsageError("this dump cannot be cleaned now: see why among the dead dumps, or try again")
    changes = stories_of(now.cleaned) != stories_of(then.cleaned)
    return Recut(_told(now.cleaned), _told(then.cleaned), changes)


def _told(cleaned: Cleaned) -> tuple[Told, ...]:
    return tuple(
        Told(a.title, len(words(a.text)), a.text[:_SHOWN].strip(), a.text[-_SHOWN:].strip())
        for a in cleaned.articles
    )
