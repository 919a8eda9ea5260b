"""Dumps: pushing them, and asking how far they are."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from ingest.api import problems
from ingest.api.auth import PushToken, StatusToken
from ingest.api.bodies import PAGE, BodyOf
from ingest.api.origin import Fields, Origin
from ingest.api.problems import Problem, documented
from ingest.api.service import ServiceOf
from ingest.model import State
from ingest.queue.accept import accept, dump_of
from ingest.store import requests
from ingest.store.overview import overview_of
from ingest.store.transactions import reading

_BACKLOG_SECONDS = 30  # in which workers clear some thousands

_ID = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_KEY = re.compile(r"[ -~]{1,255}")

router = APIRouter(prefix="/v1/dumps", tags=["dumps"])


class Pushed(BaseModel):
    """A dump that was taken in."""

    dump_id: str = Field(description="sha256 of the dump, in hex.", examples=[_ID])
    state: State = Field(
        description="How far it is: queued when it is new, or what an earlier push has come to; received while "
        "the queue is away, and sent as soon as it is back.",
        examples=["queued"],
    )
    status_url: str = Field(description="Where to ask how far it is.", examples=[f"/v1/dumps/{_ID}"])


class Receipt(BaseModel):
    """One entry for each dump of the request, in their order."""

    dumps: list[Pushed]


class Status(BaseModel):
    """How far a dump is, and what came of it."""

    model_config = ConfigDict(from_attributes=True)

    dump_id: str = Field(examples=[_ID])
    state: State = Field(examples=["done"])
    attempts: int = Field(description="How often it was begun.", examples=[1])
    reason: str | None = Field(description="Why it is dead, in a word.", examples=[None])
    message: str | None = Field(description="Why it is dead, for people.", examples=[None])
    size: int = Field(description="Bytes.", examples=[5120])
    media_type: str | None = Field(examples=["text/html"])
    received_at: str = Field(examples=["2026-11-23T09:30:00+00:00"])
    updated_at: str = Field(examples=["2026-11-23T09:30:02+00:00"])
    source: str | None = Field(description="Of its first sighting, as the next two.", examples=["wire"])
    url: str | None = Field(examples=["https://example.org/story"])
    name: str | None = Field(examples=["story.html"])
    sightings: int = Field(description="How many places it was seen at.", examples=[1])
    document_ids: list[str] = Field(
        description="The documents that it gave, in their order.", examples=[[f"{_ID}-1"]]
    )


def _refuse_backlog(service: ServiceOf) -> None:
    if service.is_backlog_over():
        detail = (
            f"more than {service.settings.queue.backlog} dumps wait to be cleaned: send the same again later"
        )
        raise Problem(problems.BACKLOG, detail, {"Retry-After": str(_BACKLOG_SECONDS)})


def _key_of(
    token: PushToken,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="Any text of your own, at most 255 characters. For a day, the same key with the same "
            "request gives the same answer and does nothing; with another request it is refused.",
            examples=["7f2c1c1e-5b0a-4a67-9b8e-2f6f3f0f7d11"],
        ),
    ] = None,
) -> str | None:
    if idempotency_key is None:
        return None
    if not _KEY.fullmatch(idempotency_key):
        raise Problem(problems.MALFORMED, "an Idempotency-Key has 1 to 255 printable characters of ASCII")
    return requests.key_of(token.token_id, idempotency_key)


_BYTES = {"type": "string", "format": "binary"}
_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {
            "type": "array",
            "minItems": 1,
            "items": _BYTES,
            "description": "Each a dump, with a name and a type of its own.",
        },
        **Fields.model_json_schema()["properties"],
    },
}


@router.post(
    "",
    status_code=202,
    summary="Push dumps",
    responses={
        202: {
            "description": "Written down: nothing of it can be lost any more.",
            "headers": {
                "Location": {
                    "description": "The status URL, where it was one dump.",
                    "schema": {"type": "string"},
                },
                "Idempotency-Replayed": {
                    "description": "true: the Idempotency-Key was here before with this request.",
                    "schema": {"type": "string", "enum": ["true"]},
                },
            },
        },
        **documented(
            problems.MALFORMED,
            problems.UNAUTHORIZED,
            problems.FORBIDDEN,
            problems.TOO_LARGE,
            problems.ENCODED,
            problems.INVALID,
            problems.EMPTY,
            problems.KEY_REUSED,
            problems.BACKLOG,
            problems.UNAVAILABLE,
            problems.BUSY,
        ),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"*/*": {"schema": _BYTES, "example": PAGE}, "multipart/form-data": {"schema": _FORM}},
        }
    },
)
def push_dumps(
    service: ServiceOf,
    key: Annotated[str | None, Depends(_key_of)],
    _: Annotated[None, Depends(_refuse_backlog)],
    origin: Annotated[Origin, Query()],
    body: BodyOf,
    response: Response,
) -> Receipt:
    """Take dumps in, to be cleaned.

    The body is one dump, byte for byte, and its Content-Type says what it is; without one, or with
    application/octet-stream, that is found out. Or it is a form (multipart/form-data) with a part named `file`
    for each dump. Archives are not opened here: `ingest push` does that.

    The same bytes again have the same id and are not cleaned again.
    """
    said = body.fields
    dumps = [
        dump_of(
            part.payload,
            name=part.name,
            source=said.source or origin.source or None,
            url=said.url or origin.url or None,
            media_type=said.media_type or part.media_type,
        )
        for part in body.parts
    ]
    accepted = accept(service.engine, service.broker.send_clean, service.settings, dumps, key)
    pushed = [
        Pushed(dump_id=dump_id, state=state, status_url=f"{router.prefix}/{dump_id}")
        for dump_id, state in accepted.dumps
    ]
    if len(pushed) == 1:
        response.headers["Location"] = pushed[0].status_url
    if accepted.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return Receipt(dumps=pushed)


@router.get(
    "/{dump_id}",
    summary="How far a dump is",
    responses=documented(
        problems.UNAUTHORIZED,
        problems.FORBIDDEN,
        problems.UNKNOWN,
        problems.INVALID,
        problems.UNAVAILABLE,
    ),
)
def dump_status(
    service: ServiceOf,
    token: StatusToken,
    dump_id: Annotated[
        str, Path(pattern="^[0-9a-f]{64}$", description="sha256 of the dump, in hex.", examples=[_ID])
    ],
) -> Status:
    """Tell a dump's state, where it was seen first, and the documents that it gave."""
    with reading(service.engine) as connection:
        found = overview_of(connection, dump_id)
    if found is None:
        raise Problem(problems.UNKNOWN, "no dump with this id was pushed")
    return Status.model_validate(found)
