"""Fixtures for tests with a store: each test has one of its own, and runs on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ingest.store.opening import open_engine


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of an empty store.  A module that is about one of the databases says which: `only_on`."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store' / 'ingest.sqlite'}"
        return
    yield request.getfixturevalue("postgres_url")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """In the place of `store_url`, for tests that are about processes and not about the database."""
    return f"sqlite:///{tmp_path / 'store' / 'ingest.sqlite'}"


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    engine = open_engine(store_url)
    yield engine
    engine.dispose()


def only_on(database: str) -> pytest.MarkDecorator:
    """Run a test on this database alone."""
    return pytest.mark.parametrize("store_url", [database], indirect=True)
