"""The feed of clean documents, followed by a cursor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from ingest.api import problems, shapes
from ingest.api.answers import NDJSON, NOT_MODIFIED, json_answer, lines, wants_lines
from ingest.api.auth import MAY_SEE
from ingest.api.problems import Problem, documented
from ingest.api.service import Service, ServiceOf
from ingest.errors import UsageError
from ingest.export import change_row
from ingest.model import Role, Status
from ingest.store import cursors, feed
from ingest.store.feed import Filters
from ingest.store.search import LONGEST_QUERY, query_of
from ingest.store.transactions import reading

LONGEST_WAIT = 60.0  # seconds
_MOST, _USUAL = 1000, 100  # changes on a page
_LINES_AT_ONCE = 200  # read in one transaction; between two the store may be written as it likes
_LOOK = 0.25  # seconds between two looks at whether anything new is there, one for all who wait

router = APIRouter(prefix="/v1/documents", tags=["documents"], dependencies=[MAY_SEE])


def _searchable(text: str) -> str:
    try:
        query_of(text)
    except UsageError as error:
        raise ValueError(str(error)) from error
    return text


class Wanted(BaseModel):
    """What of the feed is wanted."""

    model_config = ConfigDict(extra="forbid")  # a misspelt filter is told, not passed over

    cursor: str | None = Field(
        None, description="Of the answer before; none: from the beginning.", examples=[shapes.CURSOR]
    )
    limit: int | None = Field(
        None,
        ge=1,
        le=_MOST,
        description=f"Changes, at most: {_USUAL} on a page, and all as lines.",
        examples=[50],
    )
    wait: float = Field(
        0, ge=0, le=LONGEST_WAIT, description="Seconds to wait for news where there are none.", examples=[0]
    )
    source: str | None = Field(None, max_length=200, examples=["wire"])
    language: str | None = Field(None, pattern="^[a-z]{2,8}$", description="ISO 639-1.", examples=["en"])
    role: Role | None = Field(None, examples=["primary"])
    status: Status | None = Field(None, examples=["unique"])
    published_from: date | None = Field(
        None, description="A day; documents without a date are left out.", examples=["2026-11-01"]
    )
    published_to: date | None = Field(None, description="A day, included.", examples=["2026-11-30"])
    q: Annotated[str, AfterValidator(_searchable)] | None = Field(
        None,
        max_length=LONGEST_QUERY,
        description='Words that are all there; "a phrase", begin*, -without.',
        examples=['harbour "old bridge" -ferry'],
    )

    @property
    def filters(self) -> Filters:
        return Filters(
            source=self.source,
            language=self.language,
            role=self.role,
            status=self.status,
            published_from=self.published_from.isoformat() if self.published_from else None,
            published_to=self.published_to.isoformat() if self.published_to else None,
            query=query_of(self.q) if self.q is not None else None,
        )


WantedOf = Annotated[Wanted, Query()]


@router.get(
    "",
    summary="Follow the documents",
    response_model=shapes.Changes,
    responses={
        200: {
            "content": {
                NDJSON: {
                    "schema": {"type": "string"},
                    "example": '{"change": "new", "cursor": "…", "document_id": "…", "document": {}}\n',
                }
            }
        },
        **NOT_MODIFIED,
        **documented(*problems.OF_READING, problems.CURSOR),
    },
)
async def follow_documents(request: Request, service: ServiceOf, wanted: WantedOf) -> Response:
    """Give what was made, revised and taken back since the cursor, oldest first, each document once, as it is now.

    Keep the cursor of the answer and give it the next time: nothing is missed, however long that takes. While
    `more` is true, ask again at once; a page looks at a bounded number of documents, so with rare matches it may be
    short or empty and still not the last. Whoever drops what is `retracted` and keeps the newest of the rest has
    exactly what matches.

    With `Accept: application/x-ndjson`, the changes come as lines until there are no more, each with its cursor.
    """
    filters = wanted.filters
    if wants_lines(request):
        start = await run_in_threadpool(_start, service, wanted.cursor)
        await _news(request, service, start, wanted.wait)
        return lines(_all_after(service, start, filters, wanted.limit))
    limit, until = wanted.limit or _USUAL, time.monotonic() + wanted.wait
    page = await run_in_threadpool(_first_page, service, wanted.cursor, filters, limit)
    while not page.changes and not page.more and (left := until - time.monotonic()) > 0:
        if not await _news(request, service, page.cursor, left):
            break
        page = await run_in_threadpool(_page, service, page.cursor, filters, limit)
    body = {
        "changes": [change_row(change) for change in page.changes],
        "cursor": cursors.written(page.cursor),
        "more": page.more,
    }
    return await run_in_threadpool(json_answer, request, body)


def _start(service: Service, cursor: str | None) -> int:
    with reading(service.engine) as connection:
        return _number_of(cursor, feed.newest(connection))


def _first_page(service: Service, cursor: str | None, filters: Filters, limit: int) -> feed.FeedPage:
    with reading(service.engine) as connection:
        last = feed.newest(connection)
        return feed.page_after(connection, _number_of(cursor, last), filters, limit, last)


def _number_of(cursor: str | None, last: int) -> int:
    try:
        return cursors.read(cursor, last)
    except UsageError as error:
        raise Problem(problems.CURSOR, str(error)) from error


def _page(service: Service, start: int, filters: Filters, limit: int) -> feed.FeedPage:
    with reading(service.engine) as connection:
        return feed.page_after(connection, start, filters, limit)


def _all_after(service: Service, start: int, filters: Filters, limit: int | None) -> Iterator[dict[str, Any]]:
    left = limit
    while left is None or left > 0:
        page = _page(service, start, filters, min(_LINES_AT_ONCE, left or _LINES_AT_ONCE))
        yield from map(change_row, page.changes)
        start, left = page.cursor, None if left is None else left - len(page.changes)
        if not page.more:
            return


async def _news(request: Request, service: Service, start: int, seconds: float) -> bool:
    """Wait until the feed goes on behind `start`; holds neither a thread nor a connection meanwhile."""
    until = time.monotonic() + seconds
    while await run_in_threadpool(service.newest) <= start:
        left = until - time.monotonic()
        if left <= 0 or await request.is_disconnected():
            return False
        await asyncio.sleep(min(_LOOK, left))
    return True
