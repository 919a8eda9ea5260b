"""Pages to look at."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from ingest.api.answers import tagged
from ingest.api.review.session import HOME, Session, SessionOf
from ingest.api.review.views import ICON, STYLE, NotHere, PageRoute, page, see
from ingest.api.service import Service, ServiceOf
from ingest.errors import UsageError
from ingest.model import REASONS, Correction
from ingest.review.page import opening, page_of
from ingest.review.preview import newest_of, preview
from ingest.review.wish import KINDS, word_for
from ingest.store import corrections, gone, pairs, records, sites, volumes
from ingest.store.health import health
from ingest.store.overview import overview_of
from ingest.store.payloads import dumps_in
from ingest.store.search import Hit, query_of, search
from ingest.store.transactions import reading
from ingest.store.values import storable

router = APIRouter(prefix=HOME, route_class=PageRoute, include_in_schema=False)

_ROWS = 50  # of a list on one page
MOST_AGAIN = 1000  # dumps of a source that one click sends again
_PIECES = 1000  # of a dump on one page
DumpId = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@router.get("")
def overview(service: ServiceOf, session: SessionOf) -> Response:
    return page("overview", session, numbers=service.numbers())


@router.get("/dumps/{dump_id}")
def dump(
    service: ServiceOf, session: SessionOf, dump_id: DumpId, first: Annotated[int, Query(ge=0)] = 0
) -> Response:
    with reading(service.engine) as connection:
        found = overview_of(connection, dump_id)
        if found is None:
            raise NotHere("no dump with this id was pushed")
        pieces = page_of(connection, dump_id)
        documents = list(records.records_of(connection, [dump_id]))
        said = corrections.of_dump(connection, dump_id)
        links = pairs.of_documents(connection, [record["document_id"] for record in documents])
    return page(
        "dump",
        session,
        dump=found,
        site=sites.source_of(found.source, found.url),
        opening=opening(pieces),
        pieces=pieces[first : first + _PIECES],
        first=first,
        following=first + _PIECES if len(pieces) > first + _PIECES else None,
        documents=documents,
        corrections=list(reversed(said)),
        parted={
            one.document_id: one.other_id
            for one in links
            if one.word == "different" and one.undone_at is None
        },
        corrected={(one.start, one.end) for one in said if one.undone_at is None and not one.is_cut},
    )


@router.get("/documents/{document_id}")
def document(
    service: ServiceOf, session: SessionOf, document_id: Annotated[str, Path(max_length=128)]
) -> Response:
    with reading(service.engine) as connection:
        record = records.record_of(connection, storable(document_id))
    if record is None:
        raise NotHere("no document has this id, or it was retracted")
    return see(f"{HOME}/dumps/{record['dump_id']}#part-{record['part']}")


@router.get("/dumps/{dump_id}/correct")
def correct(
    service: ServiceOf,
    session: SessionOf,
    dump_id: DumpId,
    start: Annotated[int, Query(ge=0)],
    end: Annotated[int, Query(ge=1)],
) -> Response:
    return span_page(service, session, dump_id, Correction(start, end, "paragraph"))


def span_page(
    service: Service, session: Session, dump_id: str, wanted: Correction, *, with_preview: bool = False
) -> Response:
    """One span, and the form to say what it is; `with_preview`: and what that would change on its site."""
    with reading(service.engine) as connection:
        spans = page_of(connection, dump_id)
        dumps = dumps_in(connection, [dump_id]) if spans else []
    span = next((piece for piece in spans if (piece.start, piece.end) == (wanted.start, wanted.end)), None)
    if span is None:
        raise UsageError("this dump has no such span (any more): look at its page again")
    if not with_preview and span.removal is None:
        wanted = Correction(wanted.start, wanted.end, "boilerplate", "other")
    site = sites.source_of(dumps[0].source, dumps[0].url)
    shown = None
    if with_preview and site is not None:
        shown = preview(service.engine, service.desk.clean, site, span.text, word_for(wanted))
    return page(
        "correct",
        session,
        dump_id=dump_id,
        span=span,
        opens=(span.start, span.end) in opening(spans),
        site=site,
        wanted=wanted,
        kinds=KINDS,
        reasons=REASONS,
        preview=shown,
        seen=as_seen(wanted),
    )


def as_seen(wanted: Correction) -> str:
    """What a form says of the preview that it stands under."""
    return f"{wanted.kind} {wanted.reason or ''}"


@router.get("/dead")
def dead(
    service: ServiceOf,
    session: SessionOf,
    before: Annotated[str | None, Query(pattern=r"^[0-9T:+-]{10,32}/[0-9a-f]{64}$")] = None,
    retried: Annotated[str, Query(pattern="^[0-9a-f]{0,64}$")] = "",
) -> Response:
    at, _, dump_id = (before or "").partition("/")
    with reading(service.engine) as connection:
        found = gone.dead_before(connection, (at, dump_id) if before else None, _ROWS)
    following = f"{found[-1].died_at}/{found[-1].dump_id}" if len(found) == _ROWS else None
    return page("dead", session, dead=found, following=following, retried=retried)


@router.get("/sources")
def sources(
    service: ServiceOf, session: SessionOf, after: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    with reading(service.engine) as connection:
        found = volumes.sources(connection, storable(after), _ROWS)
        crawled = [] if after else health(connection, service.settings.crawl)
    most = max((source.documents for source in found), default=1)
    following = found[-1].source if len(found) == _ROWS else None
    return page("sources", session, sources=found, most=most, following=following, crawled=crawled)


@router.get("/source")
def source(
    service: ServiceOf,
    session: SessionOf,
    name: Annotated[str, Query(max_length=300)],
    sent: Annotated[int | None, Query(ge=0, le=MOST_AGAIN)] = None,
) -> Response:
    with reading(service.engine) as connection:
        lines = sites.lines_of(connection, storable(name))
        newest = newest_of(connection, storable(name), _ROWS)
        documents = [r for r in records.records_of(connection, newest) if r["part"] == 1]
    return page("source", session, source=name, lines=lines, documents=documents, sent=sent)


@router.get("/search")
def find(
    service: ServiceOf,
    session: SessionOf,
    q: Annotated[str, Query(max_length=500)] = "",
    before: Annotated[int | None, Query(ge=0)] = None,
) -> Response:
    hits, fault = list[Hit](), ""
    if q.strip():
        try:
            with reading(service.engine) as connection:
                hits = search(connection, query_of(q), limit=_ROWS, before=before)
        except UsageError as error:
            fault = str(error)
    following = hits[-1].seq if len(hits) == _ROWS else None
    return page("search", session, q=q, hits=hits, fault=fault, following=following)


@router.get("/style.css")
def style(request: Request) -> Response:
    return tagged(request, STYLE, "text/css; charset=utf-8")


@router.get("/icon.svg")
def icon(request: Request) -> Response:
    return tagged(request, ICON, "image/svg+xml")
