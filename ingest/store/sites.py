"""What sources repeat: the lines of their dumps, the furniture that is in force, and what people said of it.

A dump's lines are one row, which doing the work again replaces; lines are counted from these rows.  So no dump
counts twice, no order of arrival makes a difference, and no two writers meet at one counter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import Connection, and_, delete, exists, func, or_, select, true, update
from sqlalchemy.sql.elements import ColumnElement

from ingest.errors import UsageError
from ingest.model import Site
from ingest.store.among import among
from ingest.store.inserts import insert_missing, replacing
from ingest.store.schema import articles, ledger, page_lines, removals, site_lines, sites
from ingest.store.values import now, portions, storable

# keep: it is no furniture; drop: it is; restore: it stays, whatever else would remove it.
Word = Literal["keep", "drop", "restore"]

NOTHING = Site()
# A source is counted anew when its new dumps are at least this share of those counted the last time, so that
# counting costs each dump the same, however many there are.
NEWS = 0.1
_READ_AT_ONCE = 20  # dumps of which all lines are read


@dataclass(frozen=True, slots=True)
class Noted:
    """What a finished dump says of its source."""

    dump_id: str
    source: str
    arrival: int
    furniture: str  # the version that it was cleaned with
    lines: bytes | None  # as `stages.furniture.lines_of` gives them; None where they are not to count


@dataclass(frozen=True, slots=True)
class Known:
    """A source and what is in force for it."""

    source: str
    version: str
    lines: int  # in force
    pages: int  # dumps that were counted the last time
    stories: int  # different ones that these told
    learned_at: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a source repeats, or of which a person said what it is."""

    line: str
    example: str
    stories: int
    since: str
    word: Word | None = None

    @property
    def in_force(self) -> bool:
        return self.word not in ("keep", "restore")


def source_of(source: str | None, url: str | None) -> str | None:
    """The name under which a dump's source is known: its own, or the host of its address; None without either."""
    if source:
        return storable(source)
    try:
        host = urlsplit(url or "").hostname
    except ValueError:  # an address with brackets that hold none
        return None
    return storable(host.removeprefix("www.")) if host else None


_NOTED = [field.name for field in fields(Noted)]
_COUNTS = or_(site_lines.c.word.is_(None), site_lines.c.word == "drop")
_IN_FORCE = select(site_lines.c.source, site_lines.c.line, site_lines.c.word).where(
    among(site_lines.c.source, "sources"), or_(_COUNTS, site_lines.c.word == "restore")
)


def note(connection: Connection, pages: Iterable[Noted]) -> None:
    """Write down what finished dumps say, in place of what they said before."""
    rows = [
        {**{name: getattr(page, name) for name in _NOTED}, "fresh": page.lines is not None} for page in pages
    ]
    if rows:
        # In the order of their ids, as everybody locks them.
        rows.sort(key=lambda row: str(row["dump_id"]))
        connection.execute(replacing(connection.dialect.name, page_lines, "dump_id"), rows)


def in_force(connection: Connection, sources: Collection[str | None]) -> dict[str | None, Site]:
    """The furniture of these sources; of those that have none, and of None, nothing."""
    found: dict[str | None, dict[bool, set[str]]] = {}
    for row in connection.execute(_IN_FORCE, {"sources": sorted(filter(None, set(sources)))}):
        lines = found.setdefault(row.source, {True: set(), False: set()})
        lines[row.word == "restore"].add(row.line)
    return {
        source: Site(frozenset(found[source][False]), frozenset(found[source][True]))
        if source in found
        else NOTHING
        for source in set(sources)
    }


def with_news(connection: Connection, least: int) -> list[str]:
    """Sources with enough new dumps to be counted anew, by name; those with fewer than `least` are spared."""
    before = func.coalesce(sites.c.pages, 0)
    asked = (
        select(page_lines.c.source)
        .outerjoin(sites, sites.c.source == page_lines.c.source)
        .where(page_lines.c.fresh)
        .group_by(page_lines.c.source, sites.c.pages)
        .having(func.count() >= before * NEWS, func.count() + before >= least)
    )
    return list(connection.scalars(asked.order_by(page_lines.c.source)))


def begin(connection: Connection, source: str) -> None:
    """From here to its end, this transaction is the only one that changes what is known of the source.

    Raises UsageError where nothing ever came from it.
    """
    if not connection.scalar(select(exists().where(page_lines.c.source == source))):
        raise UsageError(f"no finished dump is of a source {source!r}: see ingest sites list")
    row = {"source": source, "version": "", "pages": 0, "stories": 0, "learned_at": now()}
    insert_missing(connection, sites, [row])
    connection.execute(select(sites.c.source).where(sites.c.source == source).with_for_update())


def take(connection: Connection, source: str, window: int) -> list[tuple[str, str, bytes]]:
    """The newest `window` dumps of the source that tell a story, newest first: (dump_id, story, lines).

    Copies of each other tell one story.  They are fresh no more; the lines of older dumps are dropped.
    """
    mine = page_lines.c.source == source, page_lines.c.lines.is_not(None)
    newest = select(page_lines.c.arrival).where(*mine).order_by(page_lines.c.arrival.desc())
    first = connection.scalar(newest.offset(window - 1).limit(1)) or 0
    is_old = page_lines.c.arrival < first
    touched = _locked(connection, and_(*mine, or_(page_lines.c.fresh, is_old)))
    for some in portions(touched):
        here = page_lines.c.dump_id.in_(some)
        connection.execute(update(page_lines).where(here, is_old).values(lines=None))
        connection.execute(update(page_lines).where(here).values(fresh=False))
    told = and_(articles.c.dump_id == page_lines.c.dump_id, articles.c.part == 1)
    asked = select(page_lines.c.dump_id, articles.c.cluster_id, page_lines.c.lines).join(articles, told)
    rows = connection.execute(asked.where(*mine).order_by(page_lines.c.arrival.desc()))
    return [(row.dump_id, row.cluster_id, row.lines) for row in rows]


def texts_in(connection: Connection, dump_ids: Sequence[str]) -> Iterator[str]:
    """The texts of all that was kept of these dumps and of all that was removed; few dumps at a time."""
    for some in portions(dump_ids, _READ_AT_ONCE):
        for blocks in connection.scalars(select(articles.c.blocks).where(articles.c.dump_id.in_(some))):
            yield from (text for _, _, _, text in blocks)
        yield from connection.scalars(select(removals.c.text).where(removals.c.dump_id.in_(some)))


def lines_of(connection: Connection, source: str) -> list[Line]:
    """Those that most stories hold first."""
    asked = select(site_lines).where(site_lines.c.source == source)
    rows = connection.execute(asked.order_by(site_lines.c.stories.desc(), site_lines.c.line))
    return [Line(row.line, row.example, row.stories, row.since, row.word) for row in rows]


def put(
    connection: Connection, source: str, lines: Sequence[Line], *, pages: int, stories: int, version: str
) -> None:
    """What is known of the source from now on.  Call `begin` before."""
    connection.execute(delete(site_lines).where(site_lines.c.source == source))
    rows = [{"source": source, **asdict(line)} for line in lines]
    if rows:
        connection.execute(site_lines.insert(), rows)
    known = {"version": version, "pages": pages, "stories": stories, "learned_at": now()}
    connection.execute(update(sites).where(sites.c.source == source).values(known))


def forget(connection: Connection, source: str) -> None:
    """Everything that is known of the source, and what its dumps said.  Call `begin` before."""
    ids = _locked(connection, and_(page_lines.c.source == source, page_lines.c.lines.is_not(None)))
    for some in portions(ids):
        here = page_lines.c.dump_id.in_(some)
        connection.execute(update(page_lines).where(here).values(lines=None, fresh=False))
    put(connection, source, [], pages=0, stories=0, version="")


def listed(connection: Connection) -> list[Known]:
    """The sources that were counted, by name."""
    return _known(connection, true())


def known_of(connection: Connection, sources: Sequence[str]) -> dict[str, Known]:
    """Of those that were counted, by name."""
    found: dict[str, Known] = {}
    for some in portions(sources):
        found.update((known.source, known) for known in _known(connection, sites.c.source.in_(some)))
    return found


def find(connection: Connection, source: str) -> Known:
    """Raises UsageError where it was never counted."""
    for known in _known(connection, sites.c.source == source):
        return known
    raise UsageError(f"nothing is known of a source {source!r}: see ingest sites list")


def is_outdated() -> ColumnElement[bool]:
    """Of a row of the ledger: whether its dump was cleaned with other furniture than is in force today."""
    return exists().where(
        page_lines.c.dump_id == ledger.c.dump_id,
        page_lines.c.source == sites.c.source,
        page_lines.c.furniture != sites.c.version,
    )


def _known(connection: Connection, condition: ColumnElement[bool]) -> list[Known]:
    number = func.count(site_lines.c.line).filter(_COUNTS)
    asked = select(sites, number.label("lines")).outerjoin(site_lines).where(condition).group_by(*sites.c)
    rows = connection.execute(asked.order_by(sites.c.source))
    return [Known(r.source, r.version, r.lines, r.pages, r.stories, r.learned_at) for r in rows]


def _locked(connection: Connection, condition: ColumnElement[bool]) -> Sequence[str]:
    """Dumps whose rows are ours now, locked in the order of their ids."""
    asked = select(page_lines.c.dump_id).where(condition).order_by(page_lines.c.dump_id)
    return connection.scalars(asked.with_for_update()).all()
