"""The whole of docker-compose.yml at work, as processes of this machine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg
import pytest
import redis

from tests.cli.test_cli import STORY, Shell
from tests.conftest import ROOT
from tests.deploy.compose import SERVICES
from tests.deploy.native import Native
from tests.patience import PATIENCE

SEEDS = str(ROOT / "seeds")
LARGE = f"<html><!--{'-' * 1_200_000}--><h1>A pier for the harbour</h1><p>{STORY}</p></html>"


@pytest.fixture
def native(tmp_path: Path) -> Iterator[Native]:
    native = Native(tmp_path)
    yield native
    native.close()


def test_the_service_does_what_a_run_does(native: Native, tmp_path: Path) -> None:
    native.up({"worker": 2})
    assert "brought from nothing to revision" in native.said()
    strangers_are_refused(native)

    assert len(native.run("worker", "push", SEEDS).split()) == 5
    native.until(lambda: counts(native)["dumps"]["done"] == 5)
    assert sum(counts(native)["dumps"].values()) == 5
    assert sum(counts(native)["documents"].values()) == 6

    assert len(native.shown) == 3
    for url in native.shown:
        with urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310
            assert b"ingest_" in answer.read()

    alone = Shell(tmp_path / "alone")
    alone.folder.mkdir()
    out, _ = alone("run", SEEDS, "--output", "-", "--store", f"sqlite:///{tmp_path / 'run.sqlite'}")
    expected = records(out)
    assert len(expected) == 6
    assert records(native.run("worker", "export")) == expected

    # What is too large for the store passes from who pushes to who cleans on the volume that they share.
    (tmp_path / "large.html").write_text(LARGE)
    (dump_id,) = native.run("worker", "push", "large.html").split()
    native.until(lambda: counts(native)["dumps"]["done"] == 6)
    assert [path.stem for path in (tmp_path / "payloads").rglob("*.z")] == [dump_id]

    codes = native.down()
    assert codes == {name: [0] * (2 if name == "worker" else 1) for name in codes}
    assert codes.keys() == {name for name, service in SERVICES.items() if "profiles" not in service} - {
        "migrate",
        "postgres",
    }
    with psycopg.connect(native.secret("ingest_store").replace("+psycopg", "")) as connection:
        states = connection.execute("SELECT state, count(*) FROM ledger GROUP BY state").fetchall()
        assert states == [("done", 6)]
    for name in ("postgres_password", "ingest_broker", "grafana_password"):
        password = re.sub(r".*:(.*)@.*", r"\1", native.secret(name))
        assert password not in native.said()


def strangers_are_refused(native: Native) -> None:
    """By the broker: who has no password, and who has one but wants to govern it."""
    port = native.ports["redis"]
    with redis.Redis(port=port) as client, pytest.raises(redis.AuthenticationError):
        client.llen("clean")
    with (
        redis.Redis(port=port, username="health", password="none") as client,  # noqa: S106
        pytest.raises(redis.exceptions.NoPermissionError),
    ):
        client.llen("clean")
    with redis.Redis.from_url(native.secret("ingest_broker")) as client:
        assert client.llen("clean") == 0
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.config_set("requirepass", "")
    store = native.secret("ingest_store").replace("+psycopg", "")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(store.replace(native.secret("postgres_password"), "guess"))


def counts(native: Native) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(native.run("worker", "status", "--json"))
    return answer


def records(lines: str) -> list[dict[str, Any]]:
    """In an order of their own, without what tells one time from another."""
    found = [json.loads(line) for line in lines.splitlines()]
    for record in found:
        del record["received_at"], record["cleaned_at"]
    return sorted(found, key=lambda record: str(record["document_id"]))
