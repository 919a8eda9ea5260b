from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text

from ingest.errors import Unavailable, UsageError
from ingest.store.engine import allot, open_engine, portions, reading, storable, writing
from ingest.store.migrations import config_on
from ingest.store.schema import REVISION, counters, metadata
from tests.stores import only_on


def test_migrations_build_what_the_tables_say(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == REVISION


def test_revision_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(config_on()).get_current_head() == REVISION


@only_on("sqlite")
def test_a_fresh_store_is_durable_and_does_not_block_readers(engine: Engine) -> None:
    with reading(engine) as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_two_processes_open_a_fresh_store_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'one.sqlite'}"
    # A common moment to start at: processes take unequal time to import.
    code = (
        "import sys, time; from ingest.store.engine import open_engine, writing, allot\n"
        "import ingest.store.migrations\n"
        "time.sleep(max(0, float(sys.argv[2]) - time.time()))\n"
        "engine = open_engine(sys.argv[1])\n"
        "for _ in range(20):\n"
        "    with writing(engine) as c: print(allot(c, 'n'))\n"
    )
    moment = str(time.time() + 2.5)
    command = [sys.executable, "-W", "error", "-c", code, url, moment]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    numbers = [int(line) for process in both for line in process.communicate()[0].split()]
    assert [process.returncode for process in both] == [0, 0, 0]
    assert sorted(numbers) == list(range(1, 61))


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


def test_numbers_are_given_once(engine: Engine) -> None:
    with writing(engine) as connection:
        assert [
            allot(connection, "a"),
            allot(connection, "a", 5),
            allot(connection, "a"),
            allot(connection, "b"),
        ] == [1, 2, 7, 1]


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/x", "", "://"])
def test_a_wrong_url_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError):
        open_engine(url)


def test_a_file_that_is_no_store_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes, which are no database " * 100)
    with pytest.raises(Unavailable, match=r"cannot open the store"):
        open_engine(f"sqlite:///{path}")
    assert path.read_text().startswith("my notes")


def test_a_store_of_a_later_version_is_left_alone(store_url: str, engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UsageError, match="newer"):
        open_engine(store_url)


def test_the_folder_of_the_store_is_made(tmp_path: Path) -> None:
    open_engine(f"sqlite:///{tmp_path / 'a' / 'b' / 'c.sqlite'}").dispose()
    assert (tmp_path / "a" / "b" / "c.sqlite").exists()


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


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_storable_text_can_be_stored_and_good_text_is_spared(value: str) -> None:
    kept = storable(value)
    with closing(sqlite3.connect(":memory:")) as connection:
        assert connection.execute("SELECT ?", (kept,)).fetchone()[0] == kept
    assert "\x00" not in kept
    if "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value):
        assert kept == value


@given(st.lists(st.integers()), st.integers(1, 7))
def test_portions_lose_nothing(values: list[int], size: int) -> None:
    pieces = list(portions(values, size))
    assert [value for piece in pieces for value in piece] == values
    assert all(1 <= len(piece) <= size for piece in pieces)
