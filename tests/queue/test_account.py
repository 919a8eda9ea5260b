"""What tasks, pushers and sweeps say of each dump."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from ingest.errors import Unavailable
from ingest.model import Dump
from ingest.queue import Pusher
from ingest.queue.bench import CalledOff
from ingest.queue.sweep import sweep
from ingest.run.worker import Failure
from ingest.telemetry.counts import REGISTRY
from tests.queue.test_push import Sent
from tests.queue.test_sweep import SETTINGS, age
from tests.queue.test_work import CRASH, Bench, Queueing

Said = Callable[[str], list[tuple[str, str]]]


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Said:
    """The dumps of which this event was said, each with the level."""
    caplog.set_level(logging.DEBUG, logger="ingest")

    def of(event: str) -> list[tuple[str, str]]:
        records = [record for record in caplog.records if record.getMessage() == event]
        return [(record.__dict__["fields"].get("dump_id"), record.levelname) for record in records]

    return of


def test_what_befalls_a_dump_is_said_with_its_id(engine: Engine, said: Said) -> None:
    queueing = Queueing(engine, 5)
    first, second, third, fourth, fifth = queueing.ids
    assert said("dump received") == said("dump queued") == [(one, "DEBUG") for one in queueing.ids]
    queueing.run(Bench(_0=[None], _1=[CRASH, Failure("binary", "no text")], _2=[CRASH, CalledOff()]))
    assert said("dump claimed") == [(one, "DEBUG") for one in queueing.ids]
    assert said("process lost") == [(second, "WARNING"), (third, "WARNING")]
    assert said("dump tried again") == [(second, "INFO"), (third, "INFO")]
    assert said("dump stored") == [(first, "DEBUG"), (fourth, "DEBUG")]
    assert said("dump dead") == [(second, "WARNING")]
    assert said("dump handed back") == [(fifth, "DEBUG")]
    assert said("dump handed back alone") == [(third, "INFO")]
    assert said("task done") == [(None, "INFO")]


def test_an_accident_is_said_of_all_that_were_in_hand(engine: Engine, said: Said) -> None:
    queueing = Queueing(engine, 2)
    with pytest.raises(Unavailable):
        queueing.run(Bench(_1=[Unavailable("no process can be started")]))
    assert said("dump left to the sweeper") == [(one, "WARNING") for one in queueing.ids]
    assert said("task done") == []


def test_who_is_sent_again_is_said_and_counted_when_it_is_sent(engine: Engine, said: Said) -> None:
    queueing, before = Queueing(engine, 4), REGISTRY.get_sample_value("ingest_sent_again_total") or 0
    age(engine, queueing.ids)
    with pytest.raises(Unavailable):
        sweep(engine, Sent(engine, fails_at=1), lambda: None, SETTINGS)
    assert len(said("dump sent again")) == SETTINGS.queue.task_dumps
    assert {level for _, level in said("dump sent again")} == {"INFO"}
    assert REGISTRY.get_sample_value("ingest_sent_again_total") == before + SETTINGS.queue.task_dumps


def test_what_cannot_be_pushed_is_said(engine: Engine, said: Said) -> None:
    queueing = Queueing(engine, 1)
    hollow = Dump("0" * 64, None, "link.txt", fault=("unreadable", "it is not there"))
    Pusher(engine, queueing.sent, queueing.settings).push([hollow])
    assert said("dump dead") == [("0" * 64, "INFO")]
    assert said("pushed") == [(None, "INFO")] * 2
