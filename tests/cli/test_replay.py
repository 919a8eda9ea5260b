"""Cleaning again, and the feed that tells of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.cli.test_cli import Shell, ingest
from tests.workers.service import Service, broker, service, until

__all__ = ["broker", "ingest", "service"]


def changes(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_feed_says_what_happened_and_where_to_go_on(ingest: Shell) -> None:
    ingest("run", "in", "--output", "x.jsonl", code=1)
    out, err = ingest("export", "--changes")
    found = changes(out)
    assert [(c["change"], c["document"]["status"]) for c in found] == [
        ("new", "unique"),
        ("new", "unique"),
        ("new", "exact-copy"),
    ]
    assert found[0]["document"] == json.loads((ingest.folder / "x.jsonl").read_text().splitlines()[0])
    cursor = str(found[-1]["cursor"])
    assert f"3 changes; next: --after {cursor}" in err
    assert ingest("export", "--changes", "--after", cursor)[0] == ""
    out, err = ingest("export", "--changes", "--only-unique")
    assert (len(changes(out)), "whatever near_copies" in err) == (2, False)
    ingest.env["INGEST_NEAR_COPIES__REPRESENTATIVE"] = "longest"
    again, err = ingest("export", "--changes", "--only-unique")
    assert (again, "first of each group of copies, whatever near_copies.representative" in err) == (out, True)
    assert "leave out --format" in ingest("export", "--changes", "--format", "parquet", code=2)[1]


def test_a_replay_here_and_now_changes_what_settings_change(ingest: Shell) -> None:
    ingest("run", "in", "--output", "x.jsonl", code=1)
    _, err = ingest("replay")
    assert "nothing to do" in err
    out, _ = ingest("export")
    assert {record["revision"] for record in changes(out)} == {1}
    ids = [record["document_id"] for record in changes(out)]
    # A replay of one document, then of all: the same result is no revision.
    assert re.search(r"cleaned now +│ 1 ", ingest("replay", ids[0][:12])[1])
    ingest("replay", "--all")
    assert [r["revision"] for r in changes(ingest("export")[0])] == [1, 1, 1]
    assert "not both" in ingest("replay", ids[0], "--all", code=2)[1]
    assert "no document" in ingest("replay", "ffffffff", code=2)[1]
    dead = ingest("dead", "list")[0]
    assert ingest("dead", "retry", "--all", code=1)[1].count("dead: in/4.bin") == 1
    assert ingest("dead", "list")[0] == dead


def test_over_the_queue_workers_do_it(service: Service) -> None:
    folder: Path = service.folder / "in"
    folder.mkdir()
    for n in range(3):
        (folder / f"{n}.txt").write_text(f"story {n}\n")
    (folder / "once.txt").write_text("!raise\n")
    service.command("push", "in")
    service.start("worker", "--concurrency", "1")
    service.until_settled(4)
    assert "1 dumps queued again" in service.command("dead", "retry", "--all")[1]
    assert "3 dumps queued again" in service.command("replay", "--all")[1]
    until(lambda: service.logs[-1].read_text().count('"task done"') == 3, service)
    service.until_settled(4)
    assert "0 dumps queued again" in service.command("replay")[1]
