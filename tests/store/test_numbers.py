from __future__ import annotations

from sqlalchemy import Engine

from ingest.store.numbers import allot
from ingest.store.transactions import writing


def test_numbers_are_given_once(engine: Engine) -> None:
    with writing(engine) as connection:
        assert [
            allot(connection, "a"),
            allot(connection, "a", 5),
            allot(connection, "a"),
            allot(connection, "b"),
        ] == [1, 2, 7, 1]
