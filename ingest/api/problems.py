"""Answers that are no success: RFC 9457 problems, every one of them, and their place in the OpenAPI document."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from ingest.errors import Unavailable
from ingest.queue.accept import KeyReused
from ingest.readers.container import shown

MEDIA_TYPE = "application/problem+json"
_SCHEMAS = "#/components/schemas/"
_RETRY_SECONDS = 5  # after which something that was away may be back

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """A problem that clients may tell from others, by its type."""

    status: int
    name: str
    title: str

    @property
    def type(self) -> str:
        return f"urn:ingest:problem:{self.name}"


MALFORMED = Kind(400, "malformed-request", "The request is malformed")
CURSOR = Kind(400, "cursor", "The cursor is none of ours")
UNAUTHORIZED = Kind(401, "no-valid-token", "A valid token is needed")
FORBIDDEN = Kind(403, "wrong-scope", "The token does not allow this")
UNKNOWN = Kind(404, "unknown", "There is nothing with this id")
NOT_DEAD = Kind(409, "not-dead", "This dump cannot be tried again")
TOO_LARGE = Kind(413, "too-large", "The request is too large")
ENCODED = Kind(415, "content-encoding", "The body must come as it is")
INVALID = Kind(422, "invalid-request", "The request cannot be followed")
EMPTY = Kind(422, "empty-dump", "A dump without bytes")
UNUSABLE = Kind(422, "unusable-dump", "The dump cannot be cleaned")
KEY_REUSED = Kind(422, "idempotency-key-reused", "The Idempotency-Key stands for another request")
BACKLOG = Kind(429, "backlog", "Too much waits to be cleaned")
RATE = Kind(429, "rate", "Too many requests")
FAILED = Kind(500, "failed", "Something went wrong here")
UNAVAILABLE = Kind(503, "unavailable", "Something that this needs is away")
BUSY = Kind(503, "busy", "Too much is being received at once")

OF_READING = (UNAUTHORIZED, FORBIDDEN, INVALID, UNAVAILABLE)  # whatever is read from the store


class Problem(Exception):
    """Ends the work on a request with this answer.  `detail` is for people: what, and what to do."""

    def __init__(self, kind: Kind, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(kind, detail)
        self.kind, self.detail, self.headers = kind, detail, dict(headers or {})


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    where: str = Field(description="The part of the request.", examples=["query.url"])
    message: str = Field(examples=["String should match pattern '^https?://'"])


class ProblemBody(BaseModel):
    """A problem (RFC 9457)."""

    type: str = Field(
        description="What went wrong, for programs; about:blank where the status says it all.",
        examples=["urn:ingest:problem:too-large"],
    )
    title: str
    status: int
    detail: str = Field(description="What went wrong, for people, and what to do.")
    errors: list[Fault] = Field([], description="Of an invalid request: each fault.")


def install(app: FastAPI) -> None:
    """Have every error of the application answered with a problem."""
    for error in (
        Problem,
        HTTPException,
        RequestValidationError,
        KeyReused,
        Unavailable,
        ClientDisconnect,
        Exception,
    ):
        app.add_exception_handler(error, _on_error)


def schemas() -> dict[str, Any]:
    """Of a problem and its parts, by name."""
    _, found = models_json_schema([(ProblemBody, "serialization")], ref_template=f"{_SCHEMAS}{{model}}")
    named: dict[str, Any] = found["$defs"]
    return named


def documented(*kinds: Kind) -> dict[int | str, dict[str, Any]]:
    """The answers of a route with a token, for its place in the OpenAPI document; a failure can always come."""
    return _documented(*kinds, RATE)


def documented_open(*kinds: Kind) -> dict[int | str, dict[str, Any]]:
    """The answers of a route that supervisors and scrapers ask, as often as they like."""
    return _documented(*kinds)


def _documented(*kinds: Kind) -> dict[int | str, dict[str, Any]]:
    ordered = sorted([*kinds, FAILED], key=lambda kind: kind.status)
    return {status: _response(list(some)) for status, some in groupby(ordered, lambda kind: kind.status)}


def _response(kinds: list[Kind]) -> dict[str, Any]:
    examples = {
        kind.name: {"value": {"type": kind.type, "title": kind.title, "status": kind.status, "detail": "…"}}
        for kind in kinds
    }
    content = {"schema": {"$ref": f"{_SCHEMAS}ProblemBody"}, "examples": examples}
    response: dict[str, Any] = {
        "description": "; or: ".join(kind.title for kind in kinds),
        "content": {MEDIA_TYPE: content},
    }
    status = kinds[0].status
    if status in (429, 503):
        response["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    if status in (401, 403):
        response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return response


def answer(request: Request, problem: Problem) -> Response:
    """For who is no route, and so has no handler of errors around it."""
    return _answer(request, problem.kind, problem.detail, problem.headers)


async def _on_error(request: Request, error: Exception) -> Response:
    match error:
        case Problem():
            return answer(request, error)
        case RequestValidationError():
            faults = [Fault(where=_place(fault["loc"]), message=fault["msg"]) for fault in error.errors()]
            return _answer(
                request, INVALID, "; ".join(f"{f.where}: {f.message}" for f in faults), faults=faults
            )
        case HTTPException(status_code=status):
            own = {404: "there is no such path: see /openapi.json"}.get(status, error.detail)
            return _answer(request, Kind(status, "", HTTPStatus(status).phrase), own, error.headers)
        case KeyReused():
            return _answer(request, KEY_REUSED, str(error))
        case Unavailable():
            # What is away, and where, is for those who run this, not for those who call it.
            _log.warning("%s %s: %s", request.method, request.url.path, error)
            detail = "nothing was lost or half done: send the same again in a while"
            return _answer(request, UNAVAILABLE, detail, {"Retry-After": str(_RETRY_SECONDS)})
        case ClientDisconnect():  # nobody reads this
            return _answer(request, MALFORMED, "the body ended before its time")
        case _:  # the server logs it
            return _answer(request, FAILED, "the reason is in the log of this server")


def _place(path: Sequence[object]) -> str:
    return shown(".".join(map(str, path)))


def _answer(
    request: Request,
    kind: Kind,
    detail: str,
    headers: Mapping[str, str] | None = None,
    faults: Sequence[Fault] = (),
) -> Response:
    type_ = kind.type if kind.name else "about:blank"
    body = ProblemBody(type=type_, title=kind.title, status=kind.status, detail=detail, errors=list(faults))
    headers = dict(headers or {})
    if (
        "transfer-encoding" in request.headers
    ):  # a body without a length may have no end: it is read no further
        headers["Connection"] = "close"
    content = body.model_dump(exclude_defaults=True)
    # In ASCII: whatever a client made us say can be written.
    return Response(json.dumps(content), kind.status, headers, media_type=MEDIA_TYPE)
