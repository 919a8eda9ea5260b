"""What a service that was killed left behind, and what dies while it runs.

`queue.stale_after` is 15 minutes here, so whatever goes on does so without it.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, update

from ingest.store import ledger
from ingest.store.schema import articles
from ingest.store.schema import ledger as ledger_table
from ingest.store.transactions import reading, writing
from tests.patience import PATIENCE
from tests.up.processes import children_of, command_of, living
from tests.up.service import Up, make_dumps


def test_killed_at_work_it_goes_on_at_once(up: Up) -> None:
    """Twice, and each time at the same dumps, which have one attempt: none of them is to blame."""
    up.env["INGEST_ATTEMPTS"] = "1"
    up.start()
    open_gate = up.push_gated(100)
    for _ in range(2):
        up.until_at_work()
        up.kill()
        up.start()
        assert "were in work when the service ended" in up.log
    open_gate()
    up.until_settled(100)
    assert up.counts()["done"] == 100
    assert_each_done_once(up, 100)


def test_what_is_killed_is_started_again_and_one_that_always_dies_ends_the_service(up: Up) -> None:
    up.start()
    open_gate = up.push_gated(40)
    group = up.group_of("ingest worker")
    [main] = [pid for pid in living({group}) if pid != group][:1]
    os.kill(main, signal.SIGKILL)
    up.until(lambda: "worker was ended by SIGKILL: it is started again in 0.5 s" in up.log)
    up.until(lambda: living({group}) == [])  # nothing of it works on beside the next one
    for name in ("valkey-server", "ingest beat"):
        group = up.group_of(name)
        os.kill(group, signal.SIGKILL)  # the tether
        up.until(lambda group=group: living({group}) == [])
    up.until(lambda: up.log.count("it is started again") == 3)
    open_gate()
    up.until_settled(40)
    assert up.counts()["done"] == 40
    assert_each_done_once(up, 40)
    up.until(lambda: up.client().ping())

    # One that dies whenever it is started ends the service, and not only itself.
    groups = up.groups()
    for number in range(2, 6):
        group = up.group_of("ingest beat")
        os.kill(group, signal.SIGKILL)
        up.until(lambda number=number: up.log.count("beat was ended by SIGKILL") == number)
        if number < 5:
            up.until(lambda: "ingest beat" in "".join(map(command_of, children_of(up.process.pid))))
            groups |= up.groups()
    assert up.process.wait(PATIENCE) == 1
    assert "beat was ended by SIGKILL, the 5th time in a row" in up.log
    assert living(groups) == []


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of a service that was killed, with two dumps that wait: their worker was stopped before they came."""
    up = Up(tmp_path_factory.mktemp("left"))
    try:
        up.start("--workers", "1")
        stop_worker(up)
        make_dumps(up.folder / "in", 2)
        up.command("push", "in")
        up.kill()
        yield up.data
    finally:
        up.close()


def stop_worker(up: Up) -> None:
    """All of it but the tether, which is to end them; not while one of its processes keeps others from writing."""
    tether = up.group_of("ingest worker")

    def stopped() -> bool:
        pids = [pid for pid in living({tether}) if pid != tether]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        with closing(sqlite3.connect(up.data / "ingest.sqlite", timeout=0)) as store:
            try:
                store.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:  # locked
                for pid in pids:
                    os.kill(pid, signal.SIGCONT)
                return False
        return True

    up.until(stopped)


@pytest.fixture
def killed(up: Up, left: Path) -> Up:
    shutil.copytree(left, up.data, ignore=shutil.ignore_patterns("socket"))
    return up


def test_messages_that_are_gone_are_sent_again(killed: Up) -> None:
    """A worker took the message and died before it could say so; the server forgot everything."""
    for file in (killed.data / "queue/appendonlydir").iterdir():
        file.unlink()
    assert killed.counts()["queued"] == 2
    killed.start()
    killed.until_settled(2)
    assert "resend  | 2 dumps waited and no message named them" in killed.log


def test_work_of_others_in_the_same_store_is_theirs(killed: Up) -> None:
    """A worker elsewhere, with a broker of its own, has one of the dumps in work."""
    with writing(killed.engine) as connection:
        dump_id = connection.scalars(select(ledger_table.c.dump_id)).first()
        here = ledger_table.c.dump_id == dump_id
        theirs = {"state": "cleaning", "holder": "a task of theirs", "attempts": 1}
        connection.execute(update(ledger_table).where(here).values(**theirs))
    killed.start()
    killed.until(lambda: killed.counts()["done"] == 1)
    killed.until(lambda: killed.client().llen("clean") == 0 and not killed.client().hlen("unacked"))
    with reading(killed.engine) as connection:
        row = connection.execute(select(ledger_table).where(here)).mappings().one()
    assert {name: row[name] for name in theirs} == theirs


def assert_each_done_once(up: Up, number: int) -> None:
    with reading(up.engine) as connection:
        rows = connection.execute(select(articles.c.dump_id, articles.c.revision)).all()
        assert ledger.dead(connection) == []
    assert len(rows) == len({row.dump_id for row in rows}) == number
    assert {row.revision for row in rows} == {1}
