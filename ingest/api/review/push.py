"""Putting a page on the queue from the review page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from ingest.api.origin import fields_of, media_type_of
from ingest.api.review.session import HOME, Session, SessionOf
from ingest.api.review.views import PageRoute, TooMuch, page, see
from ingest.api.room import most_bytes
from ingest.api.service import Service, ServiceOf
from ingest.errors import UsageError
from ingest.model import Dump
from ingest.queue.accept import accept, dump_of

_FIELD_BYTES = 10_000


class UploadRoute(PageRoute):
    """A form that may be larger: it reads its body itself, for those alone who may send it."""

    form_bytes = None


router = APIRouter(prefix=HOME, route_class=UploadRoute, include_in_schema=False)


@router.get("/push")
def push_form(service: ServiceOf, session: SessionOf) -> Response:
    return page("push", session, may_push=session.token.allows("push"), most=service.settings.payload_bytes)


async def _dump_in(request: Request, service: ServiceOf, session: SessionOf) -> AsyncIterator[Dump]:
    """The file of the form; its bytes count as held until the answer is sent."""
    if not session.token.allows("push"):
        raise UsageError("your token may not push: sign in with one that has the scopes review and push")
    size = int(request.headers.get("content-length", 0))
    if size > most_bytes(service.settings):
        raise TooMuch(f"a page may have {service.settings.payload_bytes} bytes")
    service.room.take(size)
    try:
        yield await _read(request, service, session)
    finally:
        service.room.give_back(size)


@router.post("/push")
async def push(service: ServiceOf, dump: Annotated[Dump, Depends(_dump_in)]) -> Response:
    if await run_in_threadpool(service.is_backlog_over):
        raise UsageError(
            f"more than {service.settings.queue.backlog} pages wait already: try again in a while"
        )
    await run_in_threadpool(accept, service.engine, service.broker.send_clean, service.settings, [dump])
    return see(f"{HOME}/dumps/{dump.dump_id}")


async def _read(request: Request, service: Service, session: Session) -> Dump:
    parser = MultiPartParser(
        request.headers, request.stream(), max_files=1, max_fields=10, max_part_size=_FIELD_BYTES
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeError) as error:
        raise UsageError("the form cannot be read: go back and load it again") from error
    try:
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str) and value}
        session.check(fields.pop("seal", ""))
        said, file = fields_of(fields), form.get("file")
        if not isinstance(file, UploadFile) or not file.size:
            raise UsageError("choose a file that is not empty")
        if file.size > service.settings.payload_bytes:
            raise TooMuch(f"a page may have {service.settings.payload_bytes} bytes")
        return dump_of(
            await file.read(),
            name=file.filename,
            source=said.source,
            url=said.url,
            media_type=media_type_of(file.content_type),
        )
    finally:
        await form.close()
