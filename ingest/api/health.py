"""Whether this process lives, whether what it needs does, and figures; for supervisors, so without a token."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from ingest.api.problems import UNAVAILABLE, Problem, documented
from ingest.api.service import ServiceOf
from ingest.telemetry.metrics import exposition

router = APIRouter(tags=["health"])

_RETRY_SECONDS = 2


class Alive(BaseModel):
    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    store: Literal["ok"] = "ok"
    broker: Literal["ok"] = "ok"


@router.get("/healthz", summary="Alive", responses=documented())
async def healthz() -> Alive:
    """Answer, whatever else is away: nothing is asked for it."""
    return Alive()


@router.get("/readyz", summary="Ready", responses=documented(UNAVAILABLE))
def readyz(service: ServiceOf) -> Ready:
    """Tell whether the store (with the schema of this version) and the broker answer; looked at once a second."""
    away = [name for name, is_well in service.readiness().items() if not is_well]
    if away:
        raise Problem(UNAVAILABLE, f"away: {', '.join(away)}", {"Retry-After": str(_RETRY_SECONDS)})
    return Ready()


@router.get(
    "/metrics",
    summary="Metrics",
    response_class=PlainTextResponse,
    responses=documented(),
)
def metrics(service: ServiceOf) -> Response:
    """What the store and the broker know, for Prometheus: config/METRICS.md.  It names sources, and no dumps."""
    page, content_type = exposition(service.engine, service.broker)
    return Response(page, media_type=content_type)
