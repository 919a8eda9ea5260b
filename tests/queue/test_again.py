from __future__ import annotations

import pytest
from sqlalchemy import Engine

from ingest.queue import Pusher, again
from ingest.queue.again import Replayed, replay, send_again
from ingest.settings import Queue, Settings
from ingest.store import ledger
from ingest.store.transactions import reading, writing
from tests.cleaners import cleaned_of
from tests.queue.test_push import Sent, some, states

SETTINGS = Settings(queue=Queue(task_dumps=2))


def finished(engine: Engine, number: int) -> list[str]:
    """So many dumps, done by version 1 of the pipeline."""
    dumps = some(number)
    pushed = Pusher(engine, Sent(engine), SETTINGS).push(dumps)
    with writing(engine) as connection:
        ledger.finish(connection, [cleaned_of(dump.payload or b"") for dump in dumps], "1")
    return pushed.dump_ids


def test_what_is_finished_is_sent_again_and_nothing_else(engine: Engine) -> None:
    ids = finished(engine, 3)
    sent = Sent(engine)
    assert send_again(engine, sent, ids, SETTINGS) == 3
    assert sent.messages == [ids[:2], ids[2:]]
    assert sent.states == {"received"}
    assert send_again(engine, sent, ids, SETTINGS) == 0  # they wait already
    with reading(engine) as connection:
        assert ledger.counts(connection)["queued"] == 3


def test_a_replay_sends_what_another_version_cleaned_and_goes_on_where_it_was(engine: Engine) -> None:
    ids = finished(engine, 5)
    sent, progress = Sent(engine), Replayed()

    def two_and_no_more(dump_ids: list[str]) -> None:
        if sent.messages:
            raise KeyboardInterrupt
        sent(dump_ids)

    with pytest.raises(KeyboardInterrupt):
        replay(engine, two_and_no_more, ledger.Selection("2"), SETTINGS, progress)
    assert progress.sent == 2
    replay(engine, sent, ledger.Selection("2"), SETTINGS, progress)
    assert [dump_id for message in sent.messages for dump_id in message][:2] == ids[:2]
    waiting = states(engine, some(5))
    # The third and fourth were opened when it was stopped: the sweeper sends them.
    assert waiting == ["queued", "queued", "received", "received", "queued"]
    replay(engine, sent, ledger.Selection("1"), SETTINGS, Replayed())
    assert len(sent.messages) == 2


def test_a_replay_waits_for_workers_before_it_sends_more(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = finished(engine, 6)
    monkeypatch.setattr(again, "AHEAD_TASKS", 1)
    monkeypatch.setattr(again.time, "sleep", lambda _: finish())
    sent = Sent(engine)

    def finish() -> None:
        assert len(sent.messages[-1]) == 2
        with writing(engine) as connection:
            done = [cleaned_of(d.payload or b"") for d in some(6) if d.dump_id in sent.messages[-1]]
            ledger.finish(connection, done, "2")

    replay(engine, sent, ledger.Selection("2"), SETTINGS, Replayed())
    assert sent.messages == [ids[:2], ids[2:4], ids[4:]]
