"""A watched folder, with the command, a broker and workers."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.queue.test_watch import put
from tests.workers.service import Service, until


def events(log: Path) -> Iterator[dict[str, Any]]:
    """What it logged; the other lines are ids, on stdout."""
    return (json.loads(line) for line in log.read_text().splitlines() if line.startswith("{"))


def has(service: Service, event: str) -> bool:
    return any(told["event"] == event for told in events(service.logs[0]))


@pytest.fixture
def folder(service: Service) -> Path:
    service.env["INGEST_WATCH__SETTLED_AFTER"] = "0.1"
    (made := service.folder / "in").mkdir()
    return made


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_comes_into_a_folder_is_cleaned_until_it_is_told_to_stop(
    service: Service, folder: Path, number: signal.Signals
) -> None:
    service.env["INGEST_LOG__LEVEL"] = "debug"
    put(folder / "a.txt", "a story\n")
    watch = service.start("watch", "in", "--source", "wire")
    until(lambda: service.counts()["queued"] == 1, service)
    put(folder / "b.txt", "another\n")
    (folder / "c.txt").symlink_to("nowhere")
    until(lambda: service.counts()["queued"] == 2 and service.counts()["dead"] == 1, service)
    assert [worker["kind"] for worker in json.loads(service.command("status", "--json")[0])["workers"]] == [
        "watch"
    ]
    watch.send_signal(number)
    assert watch.wait(25) == 0
    log = service.logs[0].read_text()
    ids = [line for line in log.splitlines() if not line.startswith("{")]
    told = list(events(service.logs[0]))
    assert [line["dump_id"] for line in told if line["event"] == "dump pushed"] == ids
    assert ids[0] == sha256(b"a story\n").hexdigest()
    assert len(ids) == 3
    (dead,) = [line for line in told if line["event"] == "dump dead"]
    assert dead["name"] == "in/c.txt"
    assert told[-1]["event"] == "stopped"

    # A push names the same files the same; nothing is queued again.
    out, err = service.command("push", "in", "--source", "wire", code=1)
    assert sorted(out.split()) == sorted(ids)
    assert "3 dumps: 0 queued, 2 known before, 1 could not be read" in err
    assert len(service.messages()) == 2
    service.start("worker", "--concurrency", "1")
    service.until_settled(3)


def test_dumps_that_come_while_the_broker_is_away_are_sent_by_the_sweeper(
    service: Service, folder: Path
) -> None:
    service.expect_losses()
    watch = service.start("watch", "in")
    put(folder / "a.txt", "a story\n")
    until(lambda: service.counts()["queued"] == 1, service)
    service.broker.kill()
    put(folder / "b.txt", "another\n")
    until(lambda: has(service, "dumps left to the sweeper"), service)
    (folder / "b.txt").unlink()
    assert service.counts()["received"] == 1
    service.broker.start()
    put(folder / "c.txt", "one more\n")
    until(lambda: service.counts()["queued"] == 2, service)
    service.start("beat")
    service.start("worker", "--concurrency", "1")
    service.until_settled(3)
    assert watch.poll() is None
    assert {told["logger"].partition(".")[0] for told in events(service.logs[0])} == {"ingest"}


def test_what_keeps_it_from_starting_is_said(service: Service, folder: Path) -> None:
    assert "'nowhere' does not exist: make it first" in service.command("watch", "nowhere", code=2)[1]
    assert (
        "cannot be used now" in service.command("watch", "in", "--broker", "redis://127.0.0.1:1/0", code=2)[1]
    )
    service.env.pop("INGEST_BROKER")
    assert "no broker is set" in service.command("watch", "in", code=2)[1]
    assert "FOLDER" in service.command("watch", code=2)[1]
