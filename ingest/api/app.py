"""The application: every route of every subject, and what they share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware

from ingest.api import cleaning, dead, documents, dumps, following, health, metrics, problems, sources
from ingest.api.examples import add_examples
from ingest.api.rates import Limited
from ingest.api.review import acts, links, pages, push, stories
from ingest.api.service import serving
from ingest.queue.broker import broker_url
from ingest.settings import Settings

_VERSION = "1"  # of the paths below /v1 and what they answer
_WORTH_IT = 1000  # bytes of an answer from which on it is compressed


class Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema:
            return self.openapi_schema
        schema = super().openapi()
        # Named by the routes and answered by none of them, so FastAPI does not know it.
        schema["components"]["schemas"].update(problems.schemas())
        add_examples(schema)
        return schema


def make_app(settings: Settings) -> FastAPI:
    """The application of these settings; store and broker are opened when it starts.

    Raises UsageError where no broker is set.
    """
    broker_url(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with serving(settings) as service:
            app.state.service = service
            yield

    app = Api(
        title="ingest",
        description="Raw news dumps in, clean documents out.",
        version=_VERSION,
        lifespan=lifespan,
        # Their pages load scripts from elsewhere; the document itself stays at /openapi.json.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    problems.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=_WORTH_IT)
    app.add_middleware(Limited)
    for subject in (following, documents, cleaning, dumps, dead, sources):
        app.include_router(subject.router)
    app.include_router(health.router)
    for part in (pages, links, stories, push, acts):
        app.include_router(part.router)
    metrics.add(app, settings.api)
    return app
