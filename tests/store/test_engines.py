from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from ingest.errors import UsageError
from ingest.store.opening import open_engine
from ingest.store.transactions import reading, writing
from tests.stores import only_on


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/x", "", "://"])
def test_a_wrong_url_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError):
        open_engine(url)


@only_on("sqlite")
def test_a_fresh_store_is_durable_and_does_not_block_readers(engine: Engine) -> None:
    with reading(engine) as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
    for lasting, synchronous in ((False, 1), (True, 2)):  # NORMAL, FULL
        with writing(engine, lasting=lasting) as connection:
            assert connection.scalar(text("PRAGMA synchronous")) == synchronous
