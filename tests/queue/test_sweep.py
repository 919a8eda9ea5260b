from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, update

from ingest.queue import Pusher, sweep
from ingest.settings import Queue, Settings
from ingest.store import claims, payloads
from ingest.store.schema import ledger
from ingest.store.transactions import writing
from tests.queue.test_push import Sent, some, states

SETTINGS = Settings(queue=Queue(task_dumps=3, stale_after=60))
LONG_AGO, LONGER_AGO = "2020-01-02T00:00:00+00:00", "2020-01-01T00:00:00+00:00"


def age(engine: Engine, dump_ids: Sequence[str], moment: str = LONG_AGO) -> None:
    with writing(engine) as connection:
        where = ledger.c.dump_id.in_(dump_ids)
        connection.execute(update(ledger).where(where).values(updated_at=moment))


def swept(engine: Engine, oldest: str | None = None) -> list[int]:
    """Sizes of the messages that a sweep sends."""
    sent = Sent(engine)
    number = sweep.sweep(engine, sent, lambda: oldest, SETTINGS)
    assert number == sum(map(len, sent.messages))
    return [len(message) for message in sent.messages]


def test_dumps_that_were_never_sent_are_sent(engine: Engine) -> None:
    with writing(engine) as connection:
        payloads.receive(connection, some(7))
    assert swept(engine) == []  # their pusher may be about to
    age(engine, [dump.dump_id for dump in some(7)])
    assert swept(engine) == [3, 3, 1]
    assert states(engine, some(7)) == ["queued"] * 7
    assert swept(engine) == []


def test_dumps_of_a_dead_worker_are_sent_one_by_one(engine: Engine) -> None:
    Pusher(engine, Sent(engine), SETTINGS).push(some(3))
    ids = [dump.dump_id for dump in some(3)]
    with writing(engine) as connection:
        claims.claim(connection, ids, "gone")
    assert swept(engine) == []
    age(engine, ids)
    assert swept(engine) == [1, 1, 1]


@pytest.mark.parametrize(
    ("oldest", "expected"),
    [
        (None, [3]),  # nothing is on the queue: the message is lost
        (LONG_AGO, []),  # what was sent just before us is still to come, so are we
        (LONGER_AGO, []),
        ("2021-01-01T00:00:00+00:00", [3]),  # the queue is past us
        ("", []),  # a message that does not say when it was sent
    ],
)
def test_a_queued_dump_is_stale_when_the_queue_is_past_it(
    engine: Engine, oldest: str | None, expected: list[int]
) -> None:
    Pusher(engine, Sent(engine), SETTINGS).push(some(3))
    age(engine, [dump.dump_id for dump in some(3)])
    assert swept(engine, oldest) == expected


def test_more_than_one_portion(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "_PORTION", 4)
    with writing(engine) as connection:
        payloads.receive(connection, some(9))
    age(engine, [dump.dump_id for dump in some(9)])
    assert swept(engine) == [3, 1, 3, 1, 1]
