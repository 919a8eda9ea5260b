"""What the store and the broker know, for Prometheus: open, behind a token, or not there at all."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import PlainTextResponse

from ingest.api.auth import MAY_READ
from ingest.api.problems import FORBIDDEN, UNAUTHORIZED, documented_open
from ingest.api.service import ServiceOf
from ingest.settings import Api
from ingest.telemetry.metrics import exposition

_router = APIRouter(tags=["health"])


def add(app: FastAPI, settings: Api) -> None:
    """Add the route as the settings want it."""
    match settings.metrics:
        case "open":
            app.include_router(_router, responses=documented_open())
        case "token":
            app.include_router(
                _router, dependencies=[MAY_READ], responses=documented_open(UNAUTHORIZED, FORBIDDEN)
            )
        case "off":
            pass


_SHOWN = {
    "description": "The text format of Prometheus.",
    "content": {"text/plain": {"schema": {"type": "string"}, "example": 'ingest_dumps{state="done"} 5.0\n'}},
}


@_router.get("/metrics", summary="Metrics", response_class=PlainTextResponse, responses={200: _SHOWN})
def metrics(service: ServiceOf) -> Response:
    """What each means: config/METRICS.md.  Sources are named, and no dumps."""
    page, content_type = exposition(service.engine, service.broker, service.settings.crawl)
    return Response(page, media_type=content_type)
