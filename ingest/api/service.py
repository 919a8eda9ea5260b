"""What the routes work with: opened once for the life of the application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from ingest.api.gate import Gate
from ingest.api.kept import Kept
from ingest.api.rates import Rates
from ingest.api.readiness import Readiness
from ingest.api.room import Room, most_bytes
from ingest.queue.broker import Broker, make_app
from ingest.queue.desk import Desk
from ingest.review.numbers import Numbers, numbers_of
from ingest.settings import Settings
from ingest.store import feed
from ingest.store.intake import is_backlog_over
from ingest.store.opening import open_store
from ingest.store.transactions import reading

_KEPT_SECONDS = 1.0  # between two looks at the backlog, or at what is away
_NUMBERS_SECONDS = 5.0  # they cost a look at all that is there
_NEWS_SECONDS = 0.2  # between two looks at the feed, for all who wait for it


@dataclass(frozen=True, slots=True)
class Service:
    settings: Settings
    engine: Engine
    broker: Broker
    gate: Gate
    room: Room
    is_backlog_over: Kept[bool]
    readiness: Kept[dict[str, bool]]
    newest: Kept[int]  # the last change of the feed
    desk: Desk
    numbers: Kept[Numbers]  # of the overview
    rates: Rates


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Service]:
    """Raises UsageError where no broker is set, Unavailable where the store cannot be opened.

    The broker may be away: what comes in meanwhile is written down.
    """
    with Broker(make_app(settings)) as broker:
        engine = open_store(settings)
        desk, rates = Desk(settings), Rates(broker.url, settings.api)
        try:
            yield _service(settings, engine, broker, desk, rates)
        finally:
            await rates.close()
            desk.close()
            engine.dispose()


def _service(settings: Settings, engine: Engine, broker: Broker, desk: Desk, rates: Rates) -> Service:
    def is_over() -> bool:
        with reading(engine) as connection:
            return is_backlog_over(connection, settings.queue.backlog)

    def newest() -> int:
        with reading(engine) as connection:
            return feed.newest(connection)

    def numbers() -> Numbers:
        with reading(engine) as connection:
            return numbers_of(connection)

    return Service(
        settings=settings,
        engine=engine,
        broker=broker,
        gate=Gate(engine),
        room=Room(max(settings.api.body_bytes, most_bytes(settings))),
        is_backlog_over=Kept(is_over, _KEPT_SECONDS),
        readiness=Kept(Readiness(engine, broker), _KEPT_SECONDS),
        newest=Kept(newest, _NEWS_SECONDS),
        desk=desk,
        numbers=Kept(numbers, _NUMBERS_SECONDS),
        rates=rates,
    )


async def _service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(_service_of)]
