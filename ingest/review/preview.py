"""What a site's rule would change: its newest dumps cleaned without it and with it, as a diff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import ndiff
from typing import Literal

from sqlalchemy import Connection, Engine, select

from ingest.model import Cleaned, Site
from ingest.review.correct import Clean
from ingest.run.learning import line_named
from ingest.run.worker import Success
from ingest.store import sites
from ingest.store.payloads import dumps_in
from ingest.store.schema import page_lines
from ingest.store.transactions import reading

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
    marks: dict[str, Mark] = {"  ": "kept", "- ": "lost", "+ ": "gained"}
    lines = [(marks[line[:2]], line[2:]) for line in ndiff(before, after) if line[:2] in marks]
    near = {i + step for i, (mark, _) in enumerate(lines) if mark != "kept" for step in (-1, 0, 1)}
    return tuple(line for i, line in enumerate(lines) if i in near)
