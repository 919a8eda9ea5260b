"""Splitting and joining the stories of a dump: looked at first, then saved as any correction."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Response

from ingest.api.review.pages import DumpId
from ingest.api.review.session import HOME, SealedSession
from ingest.api.review.views import PageRoute, page
from ingest.api.service import ServiceOf
from ingest.model import Correction, Cut
from ingest.review.preview import recut
from ingest.review.wish import Wish

router = APIRouter(prefix=HOME, route_class=PageRoute, include_in_schema=False)


@router.post("/dumps/{dump_id}/recut")
def look(
    service: ServiceOf,
    session: SealedSession,
    dump_id: DumpId,
    start: Annotated[int, Form(ge=0)],
    end: Annotated[int, Form(ge=1)],
    kind: Annotated[Cut, Form()],
) -> Response:
    """What the dump's stories would be; nothing is stored."""
    wish = Wish(dump_id, Correction(start, end, kind))
    shown = recut(service.engine, service.desk.clean, wish)
    return page("recut", session, dump_id=dump_id, wanted=wish.correction, shown=shown)
