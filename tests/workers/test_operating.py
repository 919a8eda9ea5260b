"""What an operator sees of real workers and beat: logs, counts, signs of life."""

from __future__ import annotations

import json
import signal
import socket
import time
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from ingest.store import ledger
from ingest.store.schema import ledger as ledger_table
from ingest.store.schema import workers
from ingest.store.transactions import reading, writing
from tests.patience import PATIENCE
from tests.telemetry.test_counts import samples
from tests.workers.service import Service, is_gone, until

LONG_AGO = "2026-01-01T00:00:00+00:00"


def lines(log: Path) -> list[dict[str, Any]]:
    """Everything that a process wrote to stdout and stderr: each line is to be an event."""
    return [json.loads(line) for line in log.read_text().splitlines()]


def has(log: Path, event: str) -> bool:
    return f'"event": "{event}' in log.read_text()


def dumps_of(log: Path, event: str) -> list[str]:
    return [line["dump_id"] for line in lines(log) if line["event"] == event]


def push(service: Service, **texts: str) -> dict[str, str]:
    """Push dumps.  -> their ids by name."""
    folder = service.folder / "in"
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(f"{text}\n")
    out, _ = service.command("push", *(f"in/{name}" for name in sorted(texts)))
    return dict(zip(sorted(texts), out.split(), strict=True))


def rows(service: Service) -> list[Any]:
    with reading(service.engine) as connection:
        return list(connection.execute(select(workers).order_by(workers.c.kind)))


def age(service: Service) -> str:
    """Have all signs of life be of ten minutes ago: too old for the living, too new to be swept away."""
    moment = (datetime.now(UTC) - timedelta(minutes=10)).isoformat(timespec="seconds")
    with writing(service.engine) as connection:
        connection.execute(update(workers).values(seen_at=moment))
    return moment


def test_every_line_is_an_event_and_names_its_dump(service: Service) -> None:
    service.env["INGEST_LOG__LEVEL"] = "debug"
    mark = service.folder / "mark"
    ids = push(service, bad="!binary", killer="!kill", once=f"!once {mark}", well="a story\n# gone")
    service.client.flushall()  # its message is lost: beat's sweeper is to send the dumps again
    with writing(service.engine) as connection:
        connection.execute(update(ledger_table).values(updated_at=LONG_AGO))
    worker, beat = service.start("worker", "--concurrency", "1"), service.start("beat")
    said, beat_said = service.logs
    service.until_settled(4)
    until(lambda: has(said, "task done"), service)
    for process in (worker, beat):
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0

    assert sorted(dumps_of(said, "dump sent again")) == sorted(ids.values())
    assert sorted(dumps_of(said, "dump queued")) == sorted(ids.values())
    assert sorted(dumps_of(said, "dump claimed")) == sorted(ids.values())
    assert sorted(dumps_of(said, "process lost")) == sorted([ids["killer"], ids["killer"], ids["once"]])
    assert sorted(dumps_of(said, "dump tried again")) == sorted([ids["killer"], ids["once"]])
    assert sorted(dumps_of(said, "dump stored")) == sorted([ids["once"], ids["well"]])
    dead = {line["dump_id"]: line for line in lines(said) if line["event"] == "dump dead"}
    assert {i: (line["reason"], line["level"]) for i, line in dead.items()} == {
        ids["bad"]: ("binary", "warning"),
        ids["killer"]: ("crashed", "warning"),
    }
    assert "SIGKILL" in dead[ids["killer"]]["error"]
    (done,) = [line for line in lines(said) if line["event"] == "task done"]
    assert (done["level"], done["named"], done["done"], done["dead"]) == ("info", 4, 2, 2)
    assert len(done["task_id"]) == 36
    (name,) = {line["worker"] for line in lines(said)}
    assert name.startswith(f"worker-{worker.pid}-")
    assert {line["pid"] for line in lines(said)} > {worker.pid}
    for log in service.logs:
        events = [line["event"] for line in lines(log)]
        assert events[-1] == "stopped"
        assert "starting" in events
    (stopping,) = [line for line in lines(said) if line["event"] == "stopping"]
    assert stopping["signal"] == "SIGTERM"
    assert {line["worker"] for line in lines(beat_said)} == {f"beat-{beat.pid}-{name_of(beat_said)}"}


def name_of(log: Path) -> str:
    """The end of the name that its process has."""
    return str(lines(log)[0]["worker"]).split("-", 2)[2]


def test_a_worker_tells_little_of_what_goes_well_and_text_to_those_who_ask_for_it(service: Service) -> None:
    push(service, **{f"f{n}": f"story {n}" for n in range(20)})
    service.start("worker", "--concurrency", "1")
    until(lambda: has(service.logs[0], "task done"), service)
    assert [line for line in lines(service.logs[0]) if "dump_id" in line] == []
    assert len(lines(service.logs[0])) < 10
    service.env["INGEST_LOG__FORMAT"] = "text"
    service.start("worker", "--concurrency", "1")
    until(lambda: "concurrency=1" in service.logs[1].read_text(), service)


def test_a_command_logs_when_it_is_told_to(service: Service) -> None:
    (service.folder / "a.txt").write_text("a story\n")
    out, err = service.command("push", "a.txt")
    assert err == "1 dumps: 1 queued, 0 known before, 0 could not be read\n"
    (service.folder / "b.txt").write_text("another\n")
    service.env.update(INGEST_LOG__LEVEL="debug", INGEST_LOG__FORMAT="json")
    out, err = service.command("push", "b.txt")
    told = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    ours = [(line["event"], line.get("dump_id")) for line in told if line["logger"].startswith("ingest.")]
    assert ours == [("dump received", out.strip()), ("dump queued", out.strip()), ("pushed", None)]


def test_a_store_and_a_broker_that_are_away_stop_nobody_and_give_no_password_away(service: Service) -> None:
    service.env["INGEST_STORE"] = "postgresql+psycopg://me:hunter2@127.0.0.1:1/store"
    worker = service.start("worker", "--concurrency", "1")
    beat = service.start("beat")
    for process, log, event in (
        (worker, service.logs[0], "worker-"),
        (beat, service.logs[1], "starting"),
    ):
        until(lambda log=log: has(log, "no sign of life can be given"), service)
        until(lambda log=log, event=event: has(log, event), service)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    (line,) = [line for line in lines(service.logs[0]) if line["event"].startswith("no sign")]
    assert "port 1" in line["error"]
    service.start("worker", "--concurrency", "1", "--broker", "redis://:hunter2@127.0.0.1:1/0")
    until(lambda: "Cannot connect to redis" in service.logs[2].read_text(), service)
    for log in service.logs:
        assert lines(log)
        assert "hunter2" not in log.read_text()
    assert any("exception" in line for line in lines(service.logs[0]))


def test_beat_stops_at_whatever_moment_it_is_told(service: Service) -> None:
    told = service.start(module="tests.workers.badly_told")
    assert told.wait(PATIENCE) == 0
    service.broker.pause()
    beat = service.start("beat")
    until(lambda: has(service.logs[1], "starting"), service)
    time.sleep(1)  # by now it hangs on its first message
    beat.send_signal(signal.SIGTERM)
    assert beat.wait(PATIENCE) == 0
    for log in service.logs:
        assert lines(log)[-1]["event"] == "stopped"
        assert "Traceback" not in log.read_text()


def test_counts_are_exact_while_processes_come_and_go(service: Service, free_port: int) -> None:
    temporary = service.folder / "tmp"
    temporary.mkdir()
    service.env.update(TMPDIR=str(temporary), INGEST_QUEUE__TASK_DUMPS="5", INGEST_QUEUE__PROCESS_TASKS="2")
    push(service, **{f"{n:02}": f"story {n}\n# gone\n!slow" for n in range(28)}, bad="!binary", kill="!kill")
    worker = service.start("worker", "--concurrency", "2", "--metrics-port", str(free_port))
    seen: list[float] = []

    def is_all_seen() -> bool:
        if service.counts()["done"]:  # it is up, then
            seen.append(finished(scraped(free_port), "done"))
        return sum(service.counts()[state] for state in ("done", "dead")) == 30

    until(is_all_seen, service)
    tasks = 'ingest_task_seconds_count{task="clean"}'
    until(lambda: scraped(free_port)[tasks] == 6, service)  # it ends a moment after its dumps
    assert seen == sorted(seen)
    found = scraped(free_port)
    assert finished(found, "done") == 28
    assert finished(found, "dead") == 2
    assert found['ingest_dumps_finished_total{outcome="dead",reason="binary",source="in"}'] == 1
    assert found['ingest_removals_total{reason="other"}'] == 28
    assert found['ingest_removed_characters_total{reason="other"}'] == 28 * len("# gone")
    assert found['ingest_lost_processes_total{reason="crashed"}'] == 2
    assert found['ingest_stage_seconds_count{stage="clean"}'] == 31  # one of them twice
    assert found['ingest_stage_seconds_sum{stage="clean"}'] > 28 * 0.05
    pids = {line["pid"] for line in lines(service.logs[0]) if line["event"] == "task done"}
    assert len(pids) >= 3
    (folder,) = temporary.glob("ingest-metrics-*")
    assert folder.stat().st_mode & 0o077 == 0
    assert len(list(folder.iterdir())) == 6  # two kinds of count, two processes at a time and their parent
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0
    assert list(temporary.iterdir()) == []


def scraped(port: int) -> Mapping[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as answer:
        return samples(answer.read().decode())


def finished(found: Mapping[str, float], outcome: str) -> float:
    asked = f'ingest_dumps_finished_total{{outcome="{outcome}"'
    return sum(number for name, number in found.items() if name.startswith(asked))


def test_signs_of_life(service: Service) -> None:
    worker, beat = service.start("worker", "--concurrency", "2"), service.start("beat")
    until(lambda: len(rows(service)) == 2, service)
    assert [(row.kind, row.pid, row.concurrency) for row in rows(service)] == [
        ("beat", beat.pid, 0),
        ("worker", worker.pid, 2),
    ]
    moment = age(service)
    until(lambda: all(row.seen_at > moment for row in rows(service)), service)
    told = json.loads(service.command("status", "--json")[0])["workers"]
    assert sorted((one["kind"], one["pid"]) for one in told) == [("beat", beat.pid), ("worker", worker.pid)]
    assert f"worker {worker.pid} on" in service.command("status")[0]

    beat.send_signal(signal.SIGTERM)
    assert beat.wait(PATIENCE) == 0
    assert [row.kind for row in rows(service)] == ["worker"]
    worker.kill()
    worker.wait()
    until(lambda: is_gone(worker.pid))
    age(service)
    assert [row.kind for row in rows(service)] == ["worker"]
    assert json.loads(service.command("status", "--json")[0])["workers"] == []

    worker = service.start("worker", "--concurrency", "1")
    until(lambda: len(rows(service)) == 2, service)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0
    assert [row.pid for row in rows(service)] != [worker.pid]


def test_a_worker_reads_the_queues_that_it_is_told_to(service: Service) -> None:
    assert "'cleen' is not a queue" in service.command("worker", "--queues", "cleen,crawl", code=2)[1]
    ids = push(service, a="a story")
    service.start("worker", "--concurrency", "1", "--queues", "crawl, maintenance")
    until(lambda: has(service.logs[0], "worker-") and len(rows(service)) == 1, service)
    (starting,) = [line for line in lines(service.logs[0]) if line["event"] == "starting"]
    assert starting["queues"] == ["crawl", "maintenance"]
    assert service.counts()["queued"] == 1
    service.start("worker", "--concurrency", "1", "--queues", "clean")
    service.until_settled(1)
    with reading(service.engine) as connection:
        assert ledger.standings(connection, list(ids.values()))[ids["a"]].state == "done"


@pytest.mark.parametrize("port", ["65536", "-1", "x"])
def test_a_port_that_is_none_is_refused(service: Service, port: str) -> None:
    service.command("worker", "--metrics-port", port, code=2)


def test_a_port_that_is_taken_stops_the_worker_at_once(service: Service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert f"127.0.0.1:{port}" in service.command("worker", "--metrics-port", port, code=2)[1]
