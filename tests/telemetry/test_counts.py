from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping

import pytest

from ingest.errors import UsageError
from ingest.model import Removal
from ingest.settings import Metrics
from ingest.telemetry import counts
from ingest.telemetry.serving import shown
from tests.conftest import ROOT


def value(name: str, **labels: str) -> float:
    return counts.REGISTRY.get_sample_value(name, labels) or 0.0


def removal(reason: str, text: str) -> Removal:
    return Removal(0, len(text), text, reason, "rule", 1.0)


def test_a_batch_counts_each_dump_and_each_removal() -> None:
    source = "test_a_batch"
    done = {"source": source, "outcome": "done", "reason": ""}
    dead = {"source": source, "outcome": "dead", "reason": "binary"}
    before = [value("ingest_removals_total", reason=r) for r in ("captcha", "other")]
    removed = value("ingest_removed_characters_total", reason="captcha")
    batch = counts.Batch()
    batch.done(source, [removal("captcha", "abc"), removal("captcha", "de"), removal("new-reason", "f")])
    batch.done(source, [])
    batch.dead(source, "binary")
    assert value("ingest_dumps_finished_total", **done) == 0
    batch.count()
    assert value("ingest_dumps_finished_total", **done) == 2
    assert value("ingest_dumps_finished_total", **dead) == 1
    after = [value("ingest_removals_total", reason=r) for r in ("captcha", "other")]
    assert [b - a for a, b in zip(before, after, strict=True)] == [2, 1]
    assert value("ingest_removed_characters_total", reason="captcha") - removed == 5


def test_a_label_has_so_many_values_and_no_more() -> None:
    bounded = counts.Bounded(3)
    assert [bounded(f"s{n}") for n in range(5)] == ["s0", "s1", "s2", "other", "other"]
    assert [bounded("s1"), bounded("s4"), bounded("")] == ["s1", "other", "other"]
    assert len(counts.Bounded(3)("x" * 1000)) == counts.LABEL_CHARACTERS


# Processes that come one after the other in two places, each with a source of its own, and one that is killed.
FORKS = """
import json, os, signal, sys, urllib.request
from ingest.settings import Metrics
from ingest.telemetry.serving import shown
place = "main"
with shown(Metrics(port=int(sys.argv[1])), lambda: place):
    from ingest.telemetry import counts
    folder = os.environ["PROMETHEUS_MULTIPROC_DIR"]
    for n in range(150):
        child = os.fork()
        if not child:
            place = n % 2
            batch = counts.Batch()
            batch.done(f"source {n}", [])
            batch.count()
            counts.CLEAN.observe(0.02)
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
    text = urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/metrics").read().decode()
    json.dump({"text": text, "files": sorted(os.listdir(folder)), "folder": folder}, sys.stdout)
"""


def test_counts_of_processes_that_come_and_go_are_kept_in_few_files(free_port: int) -> None:
    command = [sys.executable, "-c", FORKS, str(free_port)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    kinds, places = ("counter", "histogram"), ("0", "1", "main")
    assert told["files"] == sorted(f"{kind}_{place}.db" for kind in kinds for place in places)
    assert not os.path.exists(told["folder"])
    found = samples(told["text"])
    finished = {name: number for name, number in found.items() if "finished_total" in name}
    assert sum(finished.values()) == 150
    assert len(finished) == counts.SOURCES + 1
    (others,) = [number for name, number in finished.items() if 'source="other"' in name]
    assert others == 150 - counts.SOURCES
    assert found['ingest_stage_seconds_count{stage="clean"}'] == 150


def test_a_port_that_is_taken_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ingest.telemetry.counts")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=f"{port}.*--metrics-port"), shown(Metrics(port=port), str):
            pass
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ


def samples(text: str) -> Mapping[str, float]:
    """Name with labels -> number, of an exposition."""
    pairs = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(number) for name, number in pairs}
