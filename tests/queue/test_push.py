from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine

import ingest.queue
from ingest.errors import Unavailable, UsageError
from ingest.model import Dump
from ingest.queue import Pusher, pusher
from ingest.readers.files import dumps_of
from ingest.settings import Queue, Settings
from ingest.store import ledger
from ingest.store.transactions import reading
from tests.store.test_payloads import dump

SETTINGS = Settings(queue=Queue(task_dumps=3), payload_bytes=1000)


class Sent:
    """In a broker's place: keeps what is sent, and what the ledger said of it at that moment."""

    def __init__(self, engine: Engine, *, fails_at: int | None = None) -> None:
        self.messages: list[list[str]] = []
        self.states: set[str] = set()
        self._engine, self._fails_at = engine, fails_at

    def __call__(self, dump_ids: Sequence[str]) -> None:
        if len(self.messages) == self._fails_at:
            raise Unavailable("gone")
        with reading(self._engine) as connection:
            self.states |= {s.state for s in ledger.standings(connection, dump_ids).values()}
        self.messages.append(list(dump_ids))


def states(engine: Engine, dumps: Sequence[Dump]) -> list[str]:
    with reading(engine) as connection:
        found = ledger.standings(connection, [dump.dump_id for dump in dumps])
    return [found[dump.dump_id].state for dump in dumps if dump.dump_id in found]


def some(number: int) -> list[Dump]:
    return [dump(str(n).encode(), f"{n}.txt") for n in range(number)]


def test_dumps_are_written_down_before_they_are_sent(engine: Engine) -> None:
    sent, finished = Sent(engine), list[int]()
    pushed = Pusher(engine, sent, SETTINGS).push(some(7), finished.append)
    ids = [dump.dump_id for dump in some(7)]
    assert sent.messages == [ids[:3], ids[3:6], ids[6:]]
    assert sent.states == {"received"}
    assert states(engine, some(7)) == ["queued"] * 7
    assert (pushed.dump_ids, pushed.queued, pushed.known, pushed.dead) == (ids, 7, 0, [])
    assert sum(finished) == 7


def test_the_same_bytes_again_are_queued_no_second_time(engine: Engine) -> None:
    sent = Sent(engine)
    ours = Pusher(engine, sent, SETTINGS)
    ours.push(some(2))
    again = ours.push([*some(3), dump(b"0", "elsewhere.txt"), *some(3)])
    assert [len(message) for message in sent.messages] == [2, 1]
    assert (len(again.dump_ids), again.queued, again.known) == (3, 1, 2)


def test_a_lost_broker_loses_no_dump(engine: Engine) -> None:
    with pytest.raises(Unavailable):
        Pusher(engine, Sent(engine, fails_at=1), SETTINGS).push(some(7))
    assert states(engine, some(7)) == ["queued"] * 3 + ["received"] * 3
    sent = Sent(engine)
    assert Pusher(engine, sent, SETTINGS).push(some(7)).queued == 4
    assert [len(message) for message in sent.messages] == [3, 1]


def test_what_cannot_be_read_is_dead_until_it_can(engine: Engine, tmp_path: Path) -> None:
    (folder := tmp_path / "in").mkdir()
    (folder / "large.txt").write_text("word " * 1000)
    (folder / "link.txt").symlink_to(tmp_path / "later")
    (folder / "well.txt").write_text("story\n")
    ours = Pusher(engine, Sent(engine), SETTINGS)

    def push() -> tuple[int, int, list[str]]:
        pushed = ours.push(dumps_of([str(folder)], payload_bytes=1000))
        return pushed.queued, pushed.known, [dump.reason for dump in pushed.dead]

    assert push() == (1, 0, ["too-large", "unreadable"])
    assert push() == (0, 1, ["too-large", "unreadable"])
    (tmp_path / "later").write_text("it came later\n")
    assert push() == (1, 1, ["too-large"])
    with reading(engine) as connection:
        assert ledger.counts(connection)["dead"] == 1


def test_large_payloads_are_written_down_a_few_at_a_time(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pusher, "BATCH_BYTES", 100)
    sent = Sent(engine)
    large = [dump(b"x" * (60 + n)) for n in range(3)]
    Pusher(engine, sent, SETTINGS).push(large)
    assert [len(message) for message in sent.messages] == [2, 1]


def test_push_takes_payloads_inputs_and_dumps(
    engine: Engine, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = Sent(engine)
    monkeypatch.setattr(pusher.Broker, "check", lambda self: None)
    monkeypatch.setattr(pusher.Broker, "send_clean", lambda self, ids: sent(ids))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("a")
    settings = Settings(store=store_url, broker="redis://nowhere:1/0", payload_bytes=10)
    pushed = ingest.queue.push(
        [str(tmp_path / "in"), tmp_path / "in" / "a.txt", b"b", dump(b"c"), b"d" * 11], settings=settings
    )
    assert (pushed.queued, len(pushed.dead), len(pushed.dump_ids)) == (3, 1, 4)
    one = ingest.queue.push(b"<p>e</p>", url="https://x.org/e", media_type="text/html", settings=settings)
    assert one.queued == 1
    with pytest.raises(UsageError, match="bytes"):
        ingest.queue.push(tmp_path, url="https://x.org/", settings=settings)
    with pytest.raises(UsageError, match="no broker"):
        ingest.queue.push(b"f", settings=Settings(store=store_url))
