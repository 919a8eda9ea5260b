from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine, select, text

from ingest.errors import Unavailable
from ingest.store.numbers import allot
from ingest.store.schema import counters
from ingest.store.transactions import afterwards, reading, writing
from tests.stores import only_on


@only_on("sqlite")
def test_writers_take_turns(engine: Engine) -> None:
    inside, entered = threading.Event(), threading.Event()

    def second() -> None:
        inside.wait()
        with writing(engine) as connection:
            entered.set()
            allot(connection, "n")

    thread = threading.Thread(target=second)
    thread.start()
    with writing(engine) as connection:
        allot(connection, "n")
        inside.set()
        assert not entered.wait(0.2)
    thread.join()
    with reading(engine) as connection:
        assert connection.scalar(select(counters.c.value)) == 2


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    def fail() -> None:
        with writing(engine) as connection:
            allot(connection, "n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with reading(engine) as connection:
        assert connection.scalar(select(counters.c.value)) is None


def test_what_is_to_follow_a_commit_follows_no_failure(engine: Engine) -> None:
    done: list[str] = []

    def work(name: str, *, fails: bool) -> None:
        with writing(engine) as connection:
            afterwards(connection, lambda: done.append(name))
            assert name not in done
            if fails:
                raise RuntimeError

    with pytest.raises(RuntimeError):
        work("failed", fails=True)
    work("committed", fails=False)
    assert done == ["committed"]


@only_on("sqlite")
def test_a_full_disk_is_no_bug_of_ours(engine: Engine) -> None:
    with reading(engine) as connection:
        pages = connection.scalar(text("PRAGMA page_count"))

    def fill() -> None:
        with writing(engine) as connection:
            connection.execute(text(f"PRAGMA max_page_count = {pages}"))
            connection.execute(text("CREATE TABLE big AS SELECT zeroblob(1000000)"))

    with pytest.raises(Unavailable, match="full"):
        fill()
