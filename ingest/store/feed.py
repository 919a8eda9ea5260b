"""The change feed in pages: what a consumer that asks again and again gets, with filters.

A page costs the same at any depth: it begins behind a number (never by counting rows off), and looks at no more
than `WINDOW` documents, however few of them match.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    Label,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.sql.elements import ColumnElement

from ingest.model import Role, Status
from ingest.store.records import Change, changes_from, joined
from ingest.store.schema import articles, counters, retractions
from ingest.store.search import Query, numbers_of

WINDOW = 2000  # documents that one page looks at,
WORDS_WINDOW = 1000  # and with words, for which Postgres reads what the index holds of each;
WORDS_SPAN = 10_000  # and numbers of the feed, of one source or not: SQLite goes through all that hold a word
_KINDS: dict[Status, tuple[str, ...]] = {
    "unique": ("",),
    "exact-copy": ("exact",),
    "near-copy": ("near", "contained"),
}

# What every page asks is made once: to make it, and to tell that it is the same again, costs as much as to execute it.
_NEWEST = select(counters.c.value).where(counters.c.name == "articles")


def _within(seq: Column[int]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return seq > bindparam("cursor"), seq <= bindparam("upper")


_EVERY = (
    joined().where(*_within(articles.c.seq)).order_by(articles.c.seq).limit(bindparam("limit", type_=Integer))
)
_GONE = (
    select(retractions)
    .where(*_within(retractions.c.seq))
    .order_by(retractions.c.seq)
    .limit(bindparam("limit", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents a consumer wants; what is not said is no matter."""

    source: str | None = None
    language: str | None = None
    role: Role | None = None
    status: Status | None = None
    published_from: str | None = None  # this and the next: a day, YYYY-MM-DD, as the document writes it
    published_to: str | None = None  # included
    query: Query | None = None  # words of the full text

    @property
    def leave_out_nothing(self) -> bool:
        """Of the documents of the source."""
        return replace(self, source=None) == Filters()


@dataclass(frozen=True, slots=True)
class FeedPage:
    changes: tuple[Change, ...]  # oldest first
    cursor: int  # to go on behind; beyond the last of the changes, where nothing else matched
    more: bool  # whether the feed goes on behind it now


def page_after(
    connection: Connection, cursor: int, filters: Filters, limit: int, last: int | None = None
) -> FeedPage:
    """What changed after the cursor, at most `limit` changes, each document once, as it is now.

    A document that changed and matches no more comes as `retracted`, and so do those that are gone, whatever
    the filters: who deletes what is retracted and keeps the rest has what matches.  `last`: the newest number, where
    this transaction read it before.
    """
    last = newest(connection) if last is None else last
    upper = _window_end(connection, cursor, filters, last)
    within = {"cursor": cursor, "upper": upper, "limit": limit}
    if filters == Filters():
        rows = kept = connection.execute(_EVERY, within).all()
    else:
        rows = connection.execute(_matching(connection, cursor, upper, filters, limit)).all()
        kept = [row for row in rows if row.matches]
    ends = connection.execute(_GONE, within).all()
    # What matches comes whole, what left the filter as a word: its record is not made.
    left = [row for row in rows if not row.matches] if len(kept) < len(rows) else []
    found = [
        *(Change(row.seq, "retracted", row.document_id, row.dump_id, None) for row in (*ends, *left)),
        *changes_from(connection, kept),
    ]
    found = sorted(found, key=lambda change: change.cursor)
    changes = tuple(found[:limit])
    is_cut = len(found) > limit or len(rows) == limit or len(ends) == limit
    behind = max(cursor, changes[-1].cursor if is_cut else upper)
    return FeedPage(changes, behind, last > behind)


def newest(connection: Connection) -> int:
    """The number of the last change; a cursor beyond it is of another store."""
    return connection.scalar(_NEWEST) or 0


def _window_end(connection: Connection, cursor: int, filters: Filters, last: int) -> int:
    """The number up to which this page looks."""
    if filters.leave_out_nothing:
        return last
    ahead = select(articles.c.seq).where(articles.c.seq > cursor)
    if filters.source is not None:  # which has an index of its own: documents of others are not looked at
        ahead = ahead.where(articles.c.source == filters.source)
    most = WINDOW if filters.query is None else min(WINDOW, WORDS_WINDOW)
    window = ahead.order_by(articles.c.seq).limit(most).subquery()
    number, end = connection.execute(select(func.count(), func.max(window.c.seq))).one()
    upper = int(end) if number == most else last
    return upper if filters.query is None else min(upper, cursor + WORDS_SPAN)


def _matching(
    connection: Connection, cursor: int, upper: int, filters: Filters, limit: int
) -> Select[tuple[object, ...]]:
    within = [articles.c.seq > cursor, articles.c.seq <= upper]
    if filters.source is not None:  # a document keeps its source
        within.append(articles.c.source == filters.source)
    if filters.leave_out_nothing:
        every = joined().add_columns(true().label("matches"))
        return every.where(*within).order_by(articles.c.seq).limit(limit)
    looked: Select[tuple[object, ...]] = select(articles.c.seq)
    wanted = _conditions(filters)
    if filters.query is not None:  # joined, so that the words are looked for once though asked for twice
        numbers = numbers_of(connection, filters.query)
        [number] = numbers.selected_columns
        worded = numbers.where(number > cursor, number <= upper).subquery()
        looked = looked.outerjoin(worded, worded.c.seq == articles.c.seq)
        wanted.append(worded.c.seq.is_not(None))
    matches: Label[bool] = and_(*wanted).label("matches")
    looked = looked.add_columns(matches).where(*within, or_(matches, _could_have_matched(filters)))
    # All else is read of those alone that come out of the window.
    page = looked.order_by(articles.c.seq).limit(limit).subquery()
    return joined().add_columns(page.c.matches).join(page, page.c.seq == articles.c.seq)


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """Of the document as it is now, but for its source and its words."""
    wanted: list[ColumnElement[bool]] = []
    day = func.substr(articles.c.published, 1, 10)
    if filters.language is not None:
        wanted.append(func.coalesce(articles.c.language, "") == filters.language)
    if filters.role is not None:
        wanted.append(articles.c.role == filters.role)
    if filters.status is not None:
        wanted.append(func.coalesce(articles.c.copy_kind, "").in_(_KINDS[filters.status]))
    if filters.published_from is not None:
        wanted.append(func.coalesce(day, "") >= filters.published_from)
    if filters.published_to is not None:
        wanted.append(func.coalesce(day, "9") <= filters.published_to)
    return wanted


def _could_have_matched(filters: Filters) -> ColumnElement[bool]:
    """Of a document that does not match: whether it may have, at an earlier time."""
    if filters.status in ("exact-copy", "near-copy"):  # nobody wrote down that it was a copy
        return true()
    return or_(articles.c.revision > 1, and_(articles.c.was_unique, articles.c.duplicate_of.is_not(None)))
