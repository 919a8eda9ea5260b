"""`ingest reindex`: who holds which shingle, made anew from the store."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from redis import Redis

from tests.cli.test_cli import OTHER, STORY, Shell, ingest, lines
from tests.workers.service import Server, broker

__all__ = ["broker", "ingest"]

COPY = "The council met again. " + STORY  # nearly the same


def status_of(ingest: Shell, name: str, text: str) -> str:
    (ingest.folder / name).write_text(text)
    ingest("run", name, "--output", f"{name}.jsonl")
    [record] = lines((ingest.folder / f"{name}.jsonl").read_text())
    return record["status"]


def test_copies_are_found_again_after_the_brokers_flush(ingest: Shell, broker: Server) -> None:
    ingest.env.update(INGEST_BROKER=broker.url, INGEST_NEAR_COPIES__LISTS="broker")
    ingest("run", "in", code=1)
    with Redis(unix_socket_path=broker.url.removeprefix("redis+socket://")) as client:
        before = lists_in(client)
        assert before
        client.flushall()
        assert "3 documents indexed" in ingest("reindex")[1]
        assert lists_in(client) == before
    assert status_of(ingest, "late.txt", COPY) == "near-copy"
    del ingest.env["INGEST_BROKER"]
    assert "none is set: give --broker" in ingest("reindex", code=2)[1]


def test_lists_in_the_store_are_made_anew_by_hand_alone(ingest: Shell) -> None:
    ingest("run", "in", code=1)
    [file] = (ingest.folder / "data").rglob("*.sqlite")
    with closing(sqlite3.connect(file)) as store:
        before = store.execute("SELECT * FROM rare_shingles ORDER BY shingle").fetchall()
        store.execute("DELETE FROM rare_shingles")
        store.commit()
    assert status_of(ingest, "missed.txt", f"Yesterday. {OTHER}") == "unique"
    assert "4 documents indexed" in ingest("reindex")[1]
    with closing(sqlite3.connect(file)) as store:
        after = dict(store.execute("SELECT * FROM rare_shingles"))
    assert before
    assert all(after[shingle].startswith(documents) for shingle, documents in before)
    assert status_of(ingest, "late.txt", COPY) == "near-copy"


def lists_in(client: Redis) -> dict[bytes, dict[bytes, bytes]]:
    """All of them, packed as they are."""
    found = {}
    for key in client.scan_iter("ingest:near:*", _type="hash"):
        found[key] = client.hgetall(key)
    return found
