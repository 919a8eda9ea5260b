"""Full-text search over the clean documents: one way to ask, on both databases.

All words must be there, in any order and any case.  "A phrase" in quotes is found as it stands, `word*` is how
words begin, `-word` must not be there.  Words are not stemmed: documents are of many languages.  SQLite also
passes over accents.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, bindparam, column, func, literal_column, select, table
from sqlalchemy.sql.elements import ColumnElement

from ingest.errors import UsageError
from ingest.model import Status
from ingest.store.engines import is_postgres
from ingest.store.schema import articles
from ingest.store.values import status_of, storable

LONGEST_QUERY = 500  # characters
_MOST_TERMS = 20
_RECENT = 20_000  # documents that are looked at one by one, before the index of words is asked for the rest
EXCERPT = 240  # characters of a document that a hit shows
_TERM = re.compile(r'(?P<not>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_POSTGRES, _SQLITE = table("search", column("seq"), column("words")), table("search", column("rowid"))


@dataclass(frozen=True, slots=True)
class Term:
    text: str
    wanted: bool = True
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: at least one wanted term."""

    terms: tuple[Term, ...]

    @property
    def wanted(self) -> list[Term]:
        return [term for term in self.terms if term.wanted]


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found."""

    seq: int  # its number in the feed: to go on behind it
    document_id: str
    dump_id: str
    title: str | None
    source: str | None
    published: str | None
    language: str | None
    status: Status
    excerpt: str  # of its text, where a word that was looked for stands first


def query_of(text: str) -> Query:
    """Raises UsageError where nothing is left to look for, or too much."""
    if len(text) > LONGEST_QUERY:
        raise UsageError(f"the query has more than {LONGEST_QUERY} characters")
    terms = tuple(term for found in _TERM.finditer(storable(text)) if (term := _term_of(found)))
    if not any(term.wanted for term in terms):
        raise UsageError(
            "name at least one word to look for: letters or digits, and not only what must not be there"
        )
    if len(terms) > _MOST_TERMS:
        raise UsageError(f"the query has more than {_MOST_TERMS} words")
    return Query(terms)


def search(
    connection: Connection, query: Query, *, limit: int, before: int | None = None, source: str | None = None
) -> list[Hit]:
    """Documents that match, what changed last first; to go on, `before` is the `seq` of the last hit."""
    found = numbers_of(connection, query)
    [number] = found.selected_columns
    if before is not None:
        found = found.where(number < before)
    if source is not None:
        found = found.where(number.in_(select(articles.c.seq).where(articles.c.source == source)))
    numbers = _newest(connection, found, limit)
    asked = (
        select(
            articles.c.seq,
            articles.c.document_id,
            articles.c.dump_id,
            articles.c.title,
            articles.c.source,
            articles.c.published,
            articles.c.language,
            articles.c.text,
            articles.c.copy_kind,
        )
        .where(articles.c.seq.in_(numbers))
        .order_by(articles.c.seq.desc())
    )
    return [
        Hit(
            seq=row.seq,
            document_id=row.document_id,
            dump_id=row.dump_id,
            title=row.title,
            source=row.source,
            published=row.published,
            language=row.language,
            status=status_of(row.copy_kind),
            excerpt=excerpt_of(row.text, query),
        )
        for row in connection.execute(asked)
    ]


def _newest(connection: Connection, found: Select[tuple[Any]], limit: int) -> Sequence[int]:
    [number] = found.selected_columns
    in_order = found.order_by(number.desc()).limit(limit)
    if not is_postgres(connection):
        return connection.scalars(in_order).all()  # the index itself is in this order
    # Left to itself, Postgres goes through all documents in their order also for a word that none has.
    last = connection.scalar(select(func.max(_POSTGRES.c.seq))) or 0
    recent = connection.scalars(in_order.where(number > last - _RECENT)).all()
    if len(recent) == limit:
        return recent
    return connection.scalars(found.order_by((number + 0).desc()).limit(limit)).all()


def numbers_of(connection: Connection, query: Query) -> Select[tuple[Any]]:
    """The numbers in the feed of all documents that match; to be narrowed, and to stand inside of another question."""
    if is_postgres(connection):
        return select(_POSTGRES.c.seq).where(_POSTGRES.c.words.op("@@")(_tsquery(query.terms)))
    match = literal_column("search").op("MATCH")(bindparam("fts5", _fts5(query), unique=True))
    return select(_SQLITE.c.rowid.label("seq")).where(match)


def excerpt_of(text: str, query: Query) -> str:
    """A stretch of the text around the first word that was looked for; its beginning where there is none."""
    folded = text.casefold()
    places = [place for term in query.wanted if (place := folded.find(term.text.casefold())) >= 0]
    start = max(0, min(places, default=0) - EXCERPT // 3)
    if start:  # at the beginning of a word
        start = text.find(" ", start, start + 40) + 1 or start
    end = start + EXCERPT
    if end < len(text):  # and at the end of one
        place = text.rfind(" ", end - 40, end)
        end = end if place < 0 else place
    shown = " ".join(text[start:end].split())
    return f"{'… ' if start else ''}{shown}{' …' if end < len(text) else ''}"


def _term_of(found: re.Match[str]) -> Term | None:
    text = found["phrase"] if found["phrase"] is not None else found["word"]
    is_prefix = found["phrase"] is None and text.endswith("*")
    text = text.rstrip("*") if is_prefix else text
    return Term(text, not found["not"], is_prefix) if any(map(str.isalnum, text)) else None


def _fts5(query: Query) -> str:
    def quoted(term: Term) -> str:
        return '"' + term.text.replace('"', '""') + '"' + ("*" if term.is_prefix else "")

    wanted = " AND ".join(quoted(term) for term in query.wanted)
    unwanted = [quoted(term) for term in query.terms if not term.wanted]
    return f"({wanted})" + "".join(f" NOT {term}" for term in unwanted)


def _tsquery(terms: Sequence[Term]) -> ColumnElement[Any]:
    whole: ColumnElement[Any] | None = None
    for term in terms:
        if term.is_prefix:
            quoted = "'" + term.text.replace("\\", "\\\\").replace("'", "''") + "':*"
            one = func.to_tsquery(literal_column("'simple'"), quoted)
        else:
            one = func.phraseto_tsquery(literal_column("'simple'"), term.text)
        part: ColumnElement[Any] = one if term.wanted else func.tsquery_not(one)
        whole = part if whole is None else whole.op("&&")(part)
    assert whole is not None  # noqa: S101  (a query has terms)
    return whole
