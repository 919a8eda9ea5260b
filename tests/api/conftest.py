"""An API as a process would run it, without the process: its application, a store, and a broker of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from ingest.api.app import make_app
from ingest.settings import Api, Queue, Settings
from ingest.store import tokens
from ingest.store.transactions import writing
from tests.stores import engine, store_url
from tests.workers.service import Server, broker

__all__ = ["broker", "client", "engine", "settings", "store_url"]


@pytest.fixture
def settings(store_url: str, broker: Server, tmp_path: Path) -> Settings:
    return Settings(
        store=store_url,
        broker=broker.url,
        data=tmp_path,
        payload_bytes=1000,
        inline_bytes=500,
        queue=Queue(backlog=3),
        api=Api(port=0),
    )


@pytest.fixture
def client(settings: Settings, engine: Engine) -> Iterator[TestClient]:
    """With a token that may push."""
    with writing(engine) as connection:
        token = tokens.create(connection, ["push"])
    with TestClient(make_app(settings), headers={"Authorization": f"Bearer {token}"}) as client:
        yield client
