"""A short form of `python -m tests.index.race`."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.settings import NearCopies, Settings
from tests.index.race import KILLED, race
from tests.workers.service import Server

ROUNDS = 2 * KILLED


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ingest-"))
    yield folder
    shutil.rmtree(folder)


def test_of_copies_brought_at_once_one_is_kept_with_lists_in_the_store(
    folder: Path, postgres_url: str
) -> None:
    assert race(ROUNDS, Settings(store=postgres_url, data=folder)) == {1: ROUNDS}


def test_of_copies_brought_at_once_one_is_kept_with_lists_in_redis(folder: Path) -> None:
    server = Server(folder)
    near = NearCopies(lists="broker")
    store = f"sqlite:///{folder / 'store.sqlite'}"
    settings = Settings(store=store, data=folder, broker=server.url, near_copies=near)
    try:
        assert race(ROUNDS, settings) == {1: ROUNDS}
    finally:
        server.kill()
