"""One task, with a stand-in for the process that cleans."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import Engine, update

from ingest.errors import Unavailable
from ingest.index.sketch import sketch_of
from ingest.model import Dump, Site
from ingest.queue import Pusher, work
from ingest.queue.bench import CalledOff
from ingest.queue.work import Task
from ingest.run.learning import learn
from ingest.run.pool import Lost, Outcome
from ingest.run.worker import Failure, Success
from ingest.settings import Queue, Settings
from ingest.store import claims, ledger
from ingest.store.schema import dumps as dumps_table
from ingest.store.transactions import reading, writing
from tests.cleaners import cleaned_of
from tests.queue.test_push import Sent, some, states
from tests.store.test_sites import store, stories

CRASH = Lost("crashed", "its process ended")


class Bench:
    """Cleans in this process; `answers` has what comes instead, in order, for some dumps."""

    def __init__(self, ahead: int = 1, **answers: Sequence[Outcome | Exception | None]) -> None:
        self.ahead = ahead
        self.answers = {f"{name[1:]}.txt": list(given) for name, given in answers.items()}
        self.seen: list[str] = []
        self.sites: list[Site | None] = []
        self.hook: Callable[[Dump], None] = lambda dump: None
        self.hand: deque[tuple[Dump, Site | None]] = deque()

    @property
    def busy(self) -> int:
        return len(self.hand)

    def takes(self, dump: Dump, site: Site | None = None) -> bool:
        return self.busy < 1 + self.ahead

    def give(self, dump: Dump, site: Site | None = None) -> None:
        self.hand.append((dump, site))

    def take(self) -> list[tuple[str, Outcome]]:
        dump, site = self.hand.popleft()
        return [(dump.dump_id, self._clean(dump, site))]

    def drop(self) -> None:
        self.hand.clear()

    def _clean(self, dump: Dump, site: Site | None) -> Outcome:
        self.seen.append(dump.name)
        self.sites.append(site)
        self.hook(dump)
        answer = self.answers[dump.name].pop(0) if self.answers.get(dump.name) else None
        if isinstance(answer, Exception):
            raise answer
        assert dump.payload is not None
        cleaned = cleaned_of(dump.payload)
        return answer or Success(cleaned, tuple(sketch_of(a.text) for a in cleaned.articles))


class Queueing:
    """Pushed dumps, and tasks on them."""

    def __init__(self, engine: Engine, number: int, **queue: Any) -> None:
        self.engine, self.dumps = engine, some(number)
        self.settings = Settings(attempts=3, queue=Queue(**queue))
        self.ids = [dump.dump_id for dump in self.dumps]
        self.sent = Sent(engine)
        Pusher(engine, self.sent, self.settings).push(self.dumps)
        self.sent.messages.clear()

    def run(self, bench: Any, holder: str = "one", ids: Sequence[str] | None = None) -> int:
        task = Task(self.engine, bench, self.sent, self.settings, holder=holder, version="1")
        return task.run(ids or self.ids)

    def states(self) -> str:
        """A letter a dump, and its attempts."""
        with reading(self.engine) as connection:
            found = ledger.standings(connection, self.ids)
        return " ".join(f"{found[i].state[0]}{found[i].attempts}" for i in self.ids)

    def dead(self) -> list[ledger.Dead]:
        with reading(self.engine) as connection:
            return ledger.dead(connection, self.ids)


def test_a_message_that_comes_twice_does_nothing_the_second_time(engine: Engine) -> None:
    queueing = Queueing(engine, 3)
    assert queueing.run(Bench()) == 3
    assert queueing.run(again := Bench()) == 0
    assert queueing.run(again, holder="two") == 0
    assert (again.seen, states(engine, queueing.dumps)) == ([], ["done"] * 3)


def test_dumps_that_another_task_has_are_left_to_it(engine: Engine) -> None:
    queueing = Queueing(engine, 3)
    with writing(engine) as connection:
        claims.claim(connection, queueing.ids[:1], "other")
    assert queueing.run(Bench()) == 2
    assert queueing.states() == "c1 d1 d1"


def test_a_crash_is_tried_again_and_ends(engine: Engine) -> None:
    queueing = Queueing(engine, 4)
    failure = Failure("binary", "no text")
    assert queueing.run(Bench(_0=[CRASH], _1=[CRASH] * 3, _2=[failure])) == 4
    assert queueing.states() == "d2 d3 d1 d1"
    assert [(d.name, d.reason) for d in queueing.dead()] == [("1.txt", "crashed"), ("2.txt", "binary")]
    assert queueing.sent.messages == []


def let_each_take(seconds: float, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the task's clock; it has 120 seconds, and a dump 60."""
    clock = 0.0

    def pass_time(dump: Dump) -> None:
        nonlocal clock
        clock += seconds

    monkeypatch.setattr(work.time, "monotonic", lambda: clock)
    bench.hook = pass_time


def test_after_its_time_a_task_gives_the_rest_back(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    queueing, bench = Queueing(engine, 5), Bench(_1=[CRASH])
    let_each_take(100, bench, monkeypatch)
    assert queueing.run(bench) == 1  # the second crashed after the end
    assert queueing.states() == "d1 q1 q0 q0 q0"
    assert queueing.sent.messages == [queueing.ids[2:], queueing.ids[1:2]]


def test_what_was_given_ahead_and_is_begun_too_late_is_given_back(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    queueing, bench = Queueing(engine, 9), Bench(ahead=5)
    let_each_take(50, bench, monkeypatch)
    assert queueing.run(bench) == 4  # then it is 80 seconds past the end
    assert queueing.states() == "d1 d1 d1 d1 q0 q0 q0 q0 q0"
    assert queueing.sent.messages == [queueing.ids[4:]]
    assert not bench.busy


def test_a_worker_that_is_to_stop_forgives_the_dump_in_work(engine: Engine) -> None:
    queueing = Queueing(engine, 5)
    assert queueing.run(Bench(_0=[None], _1=[CRASH, CalledOff()])) == 3
    assert queueing.states() == "d1 q1 d1 d1 q0"  # the others came before its second attempt
    assert queueing.sent.messages == [queueing.ids[4:], queueing.ids[1:2]]


def test_a_task_whose_process_died_is_split_until_the_one_at_fault_stands_alone(engine: Engine) -> None:
    queueing = Queueing(engine, 3)
    with writing(engine) as connection:
        claims.claim(connection, queueing.ids, "one")  # and there it ended
    bench = Bench()
    assert queueing.run(bench) == 0
    assert queueing.sent.messages == [[dump_id] for dump_id in queueing.ids]
    assert (bench.seen, queueing.states()) == ([], "q1 q1 q1")
    assert queueing.run(bench, "two", queueing.ids[:1]) == 1
    with writing(engine) as connection:
        claims.claim(connection, queueing.ids[1:2], "three")
        claims.claim(connection, queueing.ids[1:2], "three")
    assert queueing.run(bench, "three", queueing.ids[1:2]) == 0
    assert queueing.states() == "d2 d3 q1"
    assert "ended 3 times" in queueing.dead()[0].message
    assert bench.seen == ["0.txt"]


def test_a_result_that_cannot_be_stored_costs_its_own_dump(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    queueing, write = Queueing(engine, 3), work.write_results

    def write_most(connection: Any, results: Any, *rest: Any, **named: Any) -> None:
        write(connection, results, *rest, **named)
        failing = isinstance(results.get(queueing.ids[1]), Success)
        if failing:
            raise ValueError("not foreseen")

    monkeypatch.setattr(work, "write_results", write_most)
    assert queueing.run(Bench()) == 3
    (dead,) = queueing.dead()
    assert (dead.name, dead.reason, "not foreseen" in (dead.traceback or "")) == ("1.txt", "failed", True)
    assert states(engine, queueing.dumps) == ["done", "dead", "done"]


def test_what_every_dump_needs_and_is_missing_is_no_dumps_fault(engine: Engine) -> None:
    queueing = Queueing(engine, 2)
    with pytest.raises(Unavailable):
        queueing.run(Bench(_1=[Unavailable("the cleaning process does not start")]))
    assert queueing.states() == "r0 r0"


def test_an_accident_counts_and_its_traceback_is_kept(engine: Engine) -> None:
    queueing = Queueing(engine, 2)
    with writing(engine) as connection:
        broken = update(dumps_table).where(dumps_table.c.dump_id == queueing.ids[1])
        connection.execute(broken.values(payload=b"no zlib"))
    with pytest.raises(zlib.error):
        queueing.run(Bench())
    assert queueing.states() == "r1 r1"
    assert queueing.run(Bench()) == 0
    assert queueing.sent.messages == [[dump_id] for dump_id in queueing.ids]
    assert queueing.run(Bench(), "two", queueing.ids[:1]) == 1
    for holder in ("three", "four"):
        with pytest.raises(zlib.error):
            queueing.run(Bench(), holder, queueing.ids[1:])
    assert queueing.run(Bench(), "five", queueing.ids[1:]) == 0
    (dead,) = queueing.dead()
    assert (dead.reason, dead.attempts, "zlib" in (dead.traceback or "")) == ("failed", 3, True)


def test_results_of_large_dumps_are_stored_early(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "STORE_BYTES", 2)
    queueing = Queueing(engine, 5)
    before: list[str] = []
    bench = Bench()
    bench.hook = lambda dump: before.append(queueing.states())
    assert queueing.run(bench) == 5
    assert before[-1] == "d1 d1 d1 d1 c1"


def test_dumps_without_bytes_are_dead(engine: Engine) -> None:
    queueing = Queueing(engine, 1)
    with writing(engine) as connection:
        connection.execute(update(dumps_table).values(payload=None))
    assert queueing.run(Bench()) == 1
    assert [dead.reason for dead in queueing.dead()] == ["unreadable"]


def test_a_broker_that_is_gone_leaves_the_rest_to_the_sweeper(engine: Engine) -> None:
    queueing = Queueing(engine, 2)
    queueing.sent = Sent(engine, fails_at=0)
    assert queueing.run(Bench(_0=[CalledOff()])) == 0
    assert queueing.states() == "r0 r0"


def test_a_task_cleans_with_what_is_known_of_the_source(engine: Engine) -> None:
    dumps = stories(12)
    store(engine, dumps[:6])
    learn(engine, Settings())
    sent = Sent(engine)
    Pusher(engine, sent, Settings()).push([*dumps[6:], *some(1)])
    bench = Bench()
    Task(engine, bench, sent, Settings(), holder="one", version="1").run(sent.messages[0])
    known = Site(frozenset({"# banner"}))
    assert bench.sites == [known] * 6 + [Site()]
