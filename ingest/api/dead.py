"""Dumps that were given up: which, why, and once more."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from ingest.api import problems, shapes
from ingest.api.answers import NOT_MODIFIED, json_answer
from ingest.api.auth import MAY_RETRY, MAY_SEE
from ingest.api.problems import Problem, documented
from ingest.api.service import ServiceOf
from ingest.queue.again import send_again
from ingest.store import gone, ledger
from ingest.store.transactions import reading

router = APIRouter(prefix="/v1/dead", tags=["dumps"])
_MOST, _USUAL = 1000, 100


class DeadDump(BaseModel):
    dump_id: str = Field(examples=[shapes.DUMP])
    name: str = Field(description="Where it was seen first.", examples=["story.html"])
    source: str | None = Field(examples=["wire"])
    reason: str = Field(examples=["binary"])
    message: str = Field(examples=["no text at all: a PDF"])
    attempts: int = Field(examples=[1])
    size: int = Field(description="Bytes.", examples=[5120])
    died_at: str = Field(examples=["2026-11-23T09:30:02+00:00"])
    has_payload: bool = Field(description="Without its bytes it cannot be tried again.", examples=[True])


class DeadPage(BaseModel):
    dead: list[DeadDump] = Field(description="The last to die first.")
    next: str | None = Field(description="Give it as `before` to go on; null at the end.", examples=[None])


class Retried(BaseModel):
    retried: int = Field(description="Dumps that are on the queue again.", examples=[1])


@router.get(
    "",
    summary="Dead dumps",
    response_model=DeadPage,
    dependencies=[MAY_SEE],
    responses={
        **NOT_MODIFIED,
        **documented(*problems.OF_READING),
    },
)
def dead_dumps(
    request: Request,
    service: ServiceOf,
    limit: Annotated[int, Query(ge=1, le=_MOST, examples=[50])] = _USUAL,
    before: Annotated[
        str | None,
        Query(
            description="`next` of the page before.",
            pattern=r"^[0-9T:+-]{10,32}/[0-9a-f]{64}$",
            examples=[f"2026-11-23T09:30:02+00:00/{shapes.DUMP}"],
        ),
    ] = None,
    reason: Annotated[str | None, Query(max_length=64, examples=["binary"])] = None,
) -> Response:
    """List what was given up, with the reason."""
    at, _, dump_id = (before or "").partition("/")
    with reading(service.engine) as connection:
        found = gone.dead_before(connection, (at, dump_id) if before else None, limit, reason)
    last = found[-1] if len(found) == limit else None
    body = {
        "dead": [asdict(dump) for dump in found],
        "next": f"{last.died_at}/{last.dump_id}" if last else None,
    }
    return json_answer(request, body)


@router.post(
    "/{dump_id}/retry",
    status_code=202,
    summary="Try a dead dump again",
    dependencies=[MAY_RETRY],
    responses=documented(
        problems.UNAUTHORIZED,
        problems.FORBIDDEN,
        problems.UNKNOWN,
        problems.NOT_DEAD,
        problems.INVALID,
        problems.UNAVAILABLE,
    ),
)
def retry(
    service: ServiceOf,
    dump_id: Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="A dump_id.", examples=[shapes.DUMP])],
) -> Retried:
    """Have it cleaned again, with all its attempts before it."""
    with reading(service.engine) as connection:
        standing = ledger.standings(connection, [dump_id]).get(dump_id)
        dead = next(iter(ledger.dead(connection, [dump_id])), None)
    if standing is None:
        raise Problem(problems.UNKNOWN, "no dump with this id was pushed")
    if dead is None or not dead.has_payload:
        why = "its bytes are not kept: push it again" if dead else f"it is {standing.state}"
        raise Problem(problems.NOT_DEAD, f"this dump cannot be tried again: {why}")
    return Retried(retried=send_again(service.engine, service.broker.send_clean, [dump_id], service.settings))
