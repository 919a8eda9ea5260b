"""Forms: signing in and out, correcting, undoing, trying again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, cast
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from ingest.api.review.pages import MOST_AGAIN, DumpId, as_seen, span_page
from ingest.api.review.session import HOME, SealedSession, Session, SessionOf, sign_in, sign_out
from ingest.api.review.views import NotHere, PageRoute, page, see
from ingest.api.service import Service, ServiceOf
from ingest.export import json_line
from ingest.model import Correction, Kind
from ingest.queue.again import send_again
from ingest.review.correct import Reviewer
from ingest.review.training import corrected_dumps
from ingest.review.wish import Wish
from ingest.store import ledger
from ingest.store.transactions import reading
from ingest.store.values import storable
from ingest.version import VERSION

router = APIRouter(prefix=HOME, route_class=PageRoute, include_in_schema=False)


@router.get("/sign-in")
def sign_in_form(following: Annotated[str, Query(alias="next", max_length=2000)] = "") -> Response:
    return page("sign_in", None, following=following, fault="")


@router.post("/sign-in")
def sign_in_with(
    request: Request,
    service: ServiceOf,
    token: Annotated[str, Form(max_length=200)],
    following: Annotated[str, Form(alias="next", max_length=2000)] = "",
) -> Response:
    found = service.gate.find(token.strip())
    if found is None or not found.allows("review"):
        fault = "this token is unknown, expired or revoked, or it has not the scope review"
        return page("sign_in", None, 403, following=following, fault=fault)
    response = see(following if following == HOME or following.startswith((f"{HOME}/", f"{HOME}?")) else HOME)
    sign_in(request, response, token.strip())
    return response


@router.post("/sign-out")
def sign_out_now(session: SealedSession) -> Response:
    response = see(f"{HOME}/sign-in")
    sign_out(response)
    return response


def wanted_of(
    start: Annotated[int, Form(ge=0)],
    end: Annotated[int, Form(ge=1)],
    kind: Annotated[str, Form(max_length=20)],
    reason: Annotated[str, Form(max_length=40)] = "",
) -> Correction:
    """What a form wants of a span."""
    return Correction(start, end, cast("Kind", kind), reason if kind == "boilerplate" else None)


Wanted = Annotated[Correction, Depends(wanted_of)]


@router.post("/dumps/{dump_id}/correct")
def correct(
    service: ServiceOf,
    session: SealedSession,
    dump_id: DumpId,
    wanted: Wanted,
    everywhere: Annotated[bool, Form()] = False,
    seen: Annotated[str, Form(max_length=80)] = "",
) -> Response:
    """A site's rule is saved by who has `seen` what it changes: who has not, sees that first."""
    if everywhere and seen != as_seen(wanted):
        return span_page(service, session, dump_id, wanted, with_preview=True)
    _reviewer(service, session).correct(Wish(dump_id, wanted, everywhere))
    return see(f"{HOME}/dumps/{dump_id}#s{wanted.start}")


@router.post("/dumps/{dump_id}/preview")
def preview(service: ServiceOf, session: SealedSession, dump_id: DumpId, wanted: Wanted) -> Response:
    """Nothing is stored; a form, for what it costs is only for who means it."""
    return span_page(service, session, dump_id, wanted, with_preview=True)


@router.post("/corrections/{correction_id}/undo")
def undo(
    service: ServiceOf, session: SealedSession, correction_id: Annotated[int, Path(ge=1, lt=2**63)]
) -> Response:
    made = _reviewer(service, session).undo(correction_id)
    return see(f"{HOME}/dumps/{made.dump_id}#s{made.start}")


@router.post("/dead/{dump_id}/retry")
def retry(service: ServiceOf, session: SealedSession, dump_id: DumpId) -> Response:
    sent = send_again(service.engine, service.broker.send_clean, [dump_id], service.settings)
    return see(f"{HOME}/dead?retried={dump_id if sent else ''}")


@router.post("/source/again")
def clean_again(
    service: ServiceOf, session: SealedSession, name: Annotated[str, Form(max_length=300)]
) -> Response:
    """What was cleaned without the site's present rules."""
    with reading(service.engine) as connection:
        found = ledger.done_after(connection, ledger.Selection(VERSION, storable(name)), 0, MOST_AGAIN)
    ids = [dump_id for _, dump_id in found]
    sent = send_again(service.engine, service.broker.send_clean, ids, service.settings)
    return see(f"{HOME}/source?name={quote(name, safe='')}&sent={sent}")


@router.get("/corrections.jsonl")
def corrections(service: ServiceOf, session: SessionOf) -> Response:
    """Every corrected dump, to learn from; a line at a time, for there may be many."""

    def lines() -> Iterator[str]:
        with reading(service.engine) as connection:
            for row in corrected_dumps(connection):
                yield json_line(row) + "\n"

    headers = {"Content-Disposition": 'attachment; filename="corrections.jsonl"', "Cache-Control": "no-store"}
    return StreamingResponse(lines(), headers=headers, media_type="application/x-ndjson")


def _reviewer(service: Service, session: Session) -> Reviewer:
    return Reviewer(service.engine, service.settings, service.desk.clean, session.who)


@router.get("/{path:path}")
def nothing(session: SessionOf) -> Response:
    """Any other address below the page."""
    raise NotHere("there is no such page")
