"""Cleaning without storing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from ingest.api import problems, shapes
from ingest.api.answers import json_answer
from ingest.api.auth import StatusToken
from ingest.api.bodies import PAGE, BodyOf
from ingest.api.origin import Origin, invalid
from ingest.api.problems import Problem, documented
from ingest.api.service import ServiceOf
from ingest.queue.accept import dump_of
from ingest.run.worker import Success
from ingest.store import sites
from ingest.store.transactions import reading

router = APIRouter(prefix="/v1/clean", tags=["documents"])

_BYTES = {"type": "string", "format": "binary"}


class Result(BaseModel):
    """What cleaning makes of a dump. The articles' blocks and the removals together tile the text."""

    dump_id: str = Field(description="sha256 of the dump, in hex.", examples=[shapes.DUMP])
    media_type: str = Field(examples=["text/html"])
    text: str = Field(
        description="The page text, that all offsets count in.", examples=["The bridge is closed\n…"]
    )
    articles: list[shapes.Article]
    removals: list[shapes.Removal]


@router.post(
    "",
    summary="Clean without storing",
    response_model=Result,
    responses=documented(
        problems.MALFORMED,
        problems.UNAUTHORIZED,
        problems.FORBIDDEN,
        problems.TOO_LARGE,
        problems.ENCODED,
        problems.INVALID,
        problems.EMPTY,
        problems.UNUSABLE,
        problems.UNAVAILABLE,
        problems.BUSY,
    ),
    openapi_extra={
        "requestBody": {"required": True, "content": {"*/*": {"schema": _BYTES, "example": PAGE}}}
    },
)
def clean(
    request: Request, service: ServiceOf, token: StatusToken, origin: Annotated[Origin, Query()], body: BodyOf
) -> Response:
    """Clean one dump, with what is known of its source, and keep nothing of it.

    The body is as for pushing one dump. Of archives and many dumps, `/v1/dumps` is the place.
    """
    if len(body.parts) > 1:
        raise invalid("file", "one dump at a time is cleaned here")
    [part] = body.parts
    source, url = body.fields.source or origin.source or None, body.fields.url or origin.url or None
    media_type = body.fields.media_type or part.media_type
    dump = dump_of(part.payload, name=part.name, source=source, url=url, media_type=media_type)
    known_as = sites.source_of(source, url)
    with reading(service.engine) as connection:
        site = sites.in_force(connection, [known_as])[known_as]
    outcome = service.desk.clean(dump, site)
    if not isinstance(outcome, Success):
        raise Problem(problems.UNUSABLE, f"{outcome.reason}: {outcome.message}")
    cleaned = outcome.cleaned
    shown = {
        "dump_id": cleaned.dump_id,
        "media_type": cleaned.media_type,
        "text": cleaned.text,
        "articles": [shapes.Article.model_validate(a).model_dump() for a in cleaned.articles],
        "removals": [asdict(removal) for removal in cleaned.removals],
    }
    return json_answer(request, shown)
