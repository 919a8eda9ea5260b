"""The queue as a whole: push, broker, worker processes, beat."""

from __future__ import annotations

import base64
import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from ingest.queue.broker import Broker, make_app
from ingest.readers.files import dumps_of
from ingest.run.main import run
from ingest.settings import Settings
from ingest.store import ledger, records, webhooks
from ingest.store.opening import opened
from ingest.store.schema import articles, sightings
from ingest.store.schema import ledger as ledger_table
from ingest.store.transactions import reading
from tests.consumers.test_webhooks import Receiver
from tests.patience import PATIENCE
from tests.workers.service import ROOT, Service, is_gone, until


def test_pushed_dumps_become_what_a_run_makes_of_them(service: Service, tmp_path: Path) -> None:
    service.env.update(INGEST_QUEUE__CLEANER="ingest.pipeline:clean", INGEST_TIME_LIMIT="20")
    service.env["INGEST_QUEUE__STALE_AFTER"] = "300"
    seeds = str(ROOT / "seeds")
    out, err = service.command("push", seeds)
    ids = out.split()
    assert "5 dumps: 5 queued, 0 known before" in err
    assert service.counts()["queued"] == 5
    (message,) = service.messages()
    assert _body(message)[:2] == [[], {"dump_ids": ids}]
    assert len(json.dumps(message)) < 3000  # ids and headers; the smallest of the seeds is as large

    out, err = service.command("push", seeds)
    assert out.split() == ids
    assert "5 dumps: 0 queued, 5 known before" in err
    assert len(service.messages()) == 1

    service.start("worker", "--concurrency", "2")
    service.until_settled(5)
    assert service.command("worker", "--check") == ("", "")
    with opened(Settings(store=f"sqlite:///{tmp_path / 'run.sqlite'}")) as engine:
        settings = Settings(workers=2)
        run(dumps_of([seeds], payload_bytes=settings.payload_bytes), engine, settings)
        expected = _records(engine, ids)
    assert _records(service.engine, ids) == expected
    assert len(expected) == 6

    # A message that comes twice does nothing the second time.
    before = _rows(service.engine)
    with Broker(make_app(Settings(broker=service.broker.url))) as broker:
        broker.send_clean(ids)
    until(lambda: service.logs[-1].read_text().count('"task done"') == 2, service)
    assert _rows(service.engine) == before

    # The same bytes from another place: one more sighting, and nothing to do.
    (tmp_path / "copy.txt").write_bytes(sorted((ROOT / "seeds").iterdir())[0].read_bytes())
    out, err = service.command("push", "copy.txt", "--source", "elsewhere")
    assert out.split() == ids[:1]
    assert "1 dumps: 0 queued, 1 known before" in err
    with reading(service.engine) as connection:
        seen = select(sightings.c.source).where(sightings.c.dump_id == ids[0])
        assert list(connection.scalars(seen.order_by(sightings.c.sighting_id))) == ["seeds", "elsewhere"]


def test_a_dump_that_fails_costs_itself_and_nothing_else(service: Service) -> None:
    expected = {
        "kill": ("crashed", 2),
        "hang": ("timeout", 2),
        "memory": ("crashed", 2),
        "raise": ("failed", 1),
        "binary": ("binary", 1),
    }
    folder = service.folder / "in"
    folder.mkdir()
    for n, name in enumerate(expected):
        (folder / f"{n}-{name}").write_text(f"!{name}\n")
        (folder / f"{n}-well").write_text(f"a story {n}\n")
    (folder / "9-once").write_text(f"!once {service.folder / 'mark'}\n")
    (folder / "large").write_text("word " * 1000)
    limits = {"INGEST_QUEUE__MEMORY_BYTES": "300000000", "INGEST_PAYLOAD_BYTES": "4000"}
    service.env.update(
        limits, INGEST_TIME_LIMIT="6"
    )  # so that a slow machine sees the memory before the time
    service.start("worker", "--concurrency", "2")
    _, err = service.command("push", "in", code=1)
    assert "12 dumps: 11 queued, 0 known before, 1 could not be read" in err
    assert "dead: in/large: too-large" in err
    service.until_settled(12)
    with reading(service.engine) as connection:
        dead = {Path(d.name).name.partition("-")[2]: d for d in ledger.dead(connection)}
    assert dead.pop("").reason == "too-large"
    assert {name: (dump.reason, dump.attempts) for name, dump in dead.items()} == expected
    assert "SIGKILL" in dead["kill"].message
    assert "memory" in dead["memory"].message
    assert "not foreseen" in (dead["raise"].traceback or "")


def test_a_dump_that_ends_its_worker_is_found_out_and_the_others_are_done(service: Service) -> None:
    folder = service.folder / "in"
    folder.mkdir()
    for n in range(20):
        (folder / f"{n:02}").write_text(f"a story {n}\n")
    (folder / "13").write_text("!worker\n")
    service.start("worker", "--concurrency", "2")
    service.command("push", "in")
    service.until_settled(20)
    with reading(service.engine) as connection:
        (dead,) = ledger.dead(connection)
    assert (Path(dead.name).name, dead.reason, dead.attempts) == ("13", "crashed", 2)
    assert_each_done_once(service, 19)


def test_a_task_that_is_killed_at_its_hard_limit_leaves_nothing_to_the_sweeper(service: Service) -> None:
    """Which is not there.  The message goes back, and finds what was claimed in its name."""
    service.expect_losses()
    service.env["INGEST_QUEUE__STALE_AFTER"] = "600"
    folder = service.folder / "in"
    folder.mkdir()
    for n in range(8):
        (folder / f"{n}").write_text(f"a story {n}\n")
    (folder / "5").write_text("!stuck\n")
    service.start("worker", "--concurrency", "2")
    service.command("push", "in")
    service.until_settled(8)
    with reading(service.engine) as connection:
        (dead,) = ledger.dead(connection)
    assert (Path(dead.name).name, dead.reason, dead.attempts) == ("5", "crashed", 2)
    assert_each_done_once(service, 7)
    until(lambda: not service.client.hlen("unacked") and not service.messages(), service)


def test_work_of_a_killed_worker_is_done_by_another_exactly_once(service: Service) -> None:
    service.expect_losses()
    make_slow(service, 40)
    worker = service.start("worker", "--concurrency", "2")
    until(lambda: service.counts()["cleaning"] == 40, service)
    worker.kill()
    worker.wait()
    until(lambda: is_gone(worker.pid))  # nobody is left behind
    assert service.counts()["cleaning"] == 40
    service.start("beat")
    service.start("worker", "--concurrency", "2")
    service.until_settled(40)
    assert service.counts()["done"] == 40
    assert_each_done_once(service, 40)


def test_a_worker_that_is_told_to_stop_gives_back_what_it_has(service: Service) -> None:
    make_slow(service, 40)
    worker = service.start("worker", "--concurrency", "2")
    until(lambda: service.counts()["cleaning"] == 40, service)
    time.sleep(0.2)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0
    until(lambda: is_gone(worker.pid))
    counts = service.counts()
    assert counts["queued"] > 0
    assert counts["queued"] + counts["done"] == 40
    (message,) = service.messages()
    assert len(_body(message)[1]["dump_ids"]) == counts["queued"]


def test_a_broker_that_forgot_everything_loses_nothing(service: Service) -> None:
    """And what came of it is told on: on the stream, and to a webhook."""
    service.expect_losses()
    service.env["INGEST_OUTBOX__PRIVATE_HOSTS"] = '["127.0.0.1"]'
    receiver = Receiver()
    service.command("webhooks", "add", receiver.url)
    (service.folder / "a.txt").write_text("a story\n")
    service.command("push", "a.txt")
    service.client.flushall()
    service.start("worker", "--concurrency", "1")
    service.start("beat")
    service.until_settled(1)
    assert service.command("beat", "--check") == ("", "")
    until(lambda: service.client.xlen("ingest:changes") == 1, service)
    until(lambda: _is_told(service), service)
    assert len(receiver.messages) == 1
    receiver.close()
    [hook] = [json.loads(line) for line in service.command("webhooks", "list", "--json")[0].splitlines()]
    assert (hook["state"], hook["behind"], hook["failures"]) == ("active", 0, 0)
    service.command("webhooks", "remove", hook["webhook_id"])
    assert "webhooks list" in service.command("webhooks", "retry", hook["webhook_id"], code=2)[1]


def _is_told(service: Service) -> bool:
    with reading(service.engine) as connection:
        return all(webhook.delivered_at for webhook in webhooks.listed(connection))


def test_a_broker_that_was_away(service: Service) -> None:
    service.env["INGEST_QUEUE__TASK_DUMPS"] = "8"
    make_slow(service, 64)
    service.start("worker", "--concurrency", "2")
    until(lambda: service.counts()["done"] >= 16 and service.counts()["cleaning"] == 16, service)
    service.broker.kill()
    time.sleep(1.2)  # what was in work ends meanwhile, and cannot be acknowledged
    service.broker.start()
    service.until_settled(64)
    assert_each_done_once(service, 64)


@pytest.mark.parametrize("command", [["push", "a.txt"], ["worker"], ["beat"]])
def test_without_a_broker_nothing_is_done_and_it_is_said(service: Service, command: list[str]) -> None:
    (service.folder / "a.txt").write_text("a story\n")
    service.env.pop("INGEST_BROKER")
    assert "no broker is set" in service.command(*command, code=2)[1]
    assert "http://x" in service.command(*command, "--broker", "http://x", code=2)[1]
    assert sum(service.counts().values()) == 0


def test_a_broker_that_does_not_answer_is_named_without_its_password(service: Service) -> None:
    (service.folder / "a.txt").write_text("a story\n")
    _, err = service.command("push", "a.txt", "--broker", "redis://:secret@127.0.0.1:1/0", code=2)
    assert "127.0.0.1:1/0 cannot be used now" in err
    assert "secret" not in err
    assert sum(service.counts().values()) == 0


def test_nobody_is_alive_where_nothing_runs(service: Service) -> None:
    service.command("worker", "--check", code=1)
    service.command("beat", "--check", code=1)


def make_slow(service: Service, number: int) -> None:
    folder = service.folder / "in"
    folder.mkdir()
    for n in range(number):
        (folder / f"{n:02}.txt").write_text(f"story {n}\n!slow\n")
    service.command("push", "in")


def assert_each_done_once(service: Service, number: int) -> None:
    with reading(service.engine) as connection:
        rows = connection.execute(select(articles.c.dump_id, articles.c.revision)).all()
    assert len(rows) == len({row.dump_id for row in rows}) == number
    assert {row.revision for row in rows} == {1}


def _body(message: Any) -> Any:
    return json.loads(base64.b64decode(message["body"]))


def _records(engine: Engine, ids: list[str]) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        found = [dict(record) for record in records.records_of(connection, ids)]
    return [{name: value for name, value in record.items() if not name.endswith("_at")} for record in found]


def _rows(engine: Engine) -> list[Any]:
    with reading(engine) as connection:
        return [
            tuple(row)
            for table in (ledger_table, articles, sightings)
            for row in connection.execute(select(table))
        ]
