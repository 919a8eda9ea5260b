"""Whether this process lives, and whether what it needs does; for supervisors, so without a token."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from ingest.api.problems import UNAVAILABLE, Problem, documented_open
from ingest.api.service import ServiceOf

router = APIRouter(tags=["health"])

_RETRY_SECONDS = 2


class Alive(BaseModel):
    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    store: Literal["ok"] = "ok"
    broker: Literal["ok"] = "ok"


@router.get("/healthz", summary="Alive", responses=documented_open())
async def healthz() -> Alive:
    """Answer, whatever else is away: nothing is asked for it."""
    return Alive()


@router.get("/readyz", summary="Ready", responses=documented_open(UNAVAILABLE))
def readyz(service: ServiceOf) -> Ready:
    """Tell whether the store (with the schema of this version) and the broker answer; looked at once a second."""
    away = [name for name, is_well in service.readiness().items() if not is_well]
    if away:
        raise Problem(UNAVAILABLE, f"away: {', '.join(away)}", {"Retry-After": str(_RETRY_SECONDS)})
    return Ready()
