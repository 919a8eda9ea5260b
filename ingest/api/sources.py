"""Where documents come from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from ingest.api import problems
from ingest.api.answers import NOT_MODIFIED, json_answer
from ingest.api.auth import MAY_SEE
from ingest.api.problems import documented
from ingest.api.service import ServiceOf
from ingest.store import volumes
from ingest.store.transactions import reading
from ingest.store.values import storable

router = APIRouter(prefix="/v1/sources", tags=["sources"], dependencies=[MAY_SEE])
_MOST, _USUAL = 1000, 100


class Source(BaseModel):
    source: str = Field(examples=["wire"])
    documents: int = Field(examples=[1200])
    newest: str = Field(
        description="When its last document was cleaned.", examples=["2026-11-23T09:30:02+00:00"]
    )
    lines: int = Field(description="Of its furniture, in force.", examples=[4])
    stories: int = Field(description="That were counted for it.", examples=[40])
    learned_at: str | None = Field(examples=["2026-11-23T09:30:02+00:00"])


class Sources(BaseModel):
    sources: list[Source] = Field(description="By name.")
    next: str | None = Field(description="Give it as `after` to go on; null at the end.", examples=[None])


@router.get(
    "",
    summary="Sources",
    response_model=Sources,
    responses={
        **NOT_MODIFIED,
        **documented(*problems.OF_READING),
    },
)
def sources(
    request: Request,
    service: ServiceOf,
    limit: Annotated[int, Query(ge=1, le=_MOST, examples=[50])] = _USUAL,
    after: Annotated[
        str, Query(max_length=200, description="`next` of the page before.", examples=["agency"])
    ] = "",
) -> Response:
    """List the sources that documents came from."""
    with reading(service.engine) as connection:
        found = volumes.sources(connection, storable(after), limit)
    body = {
        "sources": [asdict(source) for source in found],
        "next": found[-1].source if len(found) == limit else None,
    }
    return json_answer(request, body)
