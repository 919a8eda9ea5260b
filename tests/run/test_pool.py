"""Processes that clean, with dumps given ahead: whose fault it is when one ends, and that nobody waits for another."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator

import pytest

from ingest.model import Dump, Site
from ingest.run.pool import Lost, Outcome, Pool
from ingest.run.worker import Success
from ingest.settings import Cleaning
from tests.patience import PATIENCE

LARGE = 10 * 1024 * 1024  # bytes, beyond what any pipe holds


@pytest.fixture
def pool() -> Iterator[Pool]:
    with Pool(1, "tests.cleaners:clean", Cleaning(), time_limit=3.0) as pool:
        yield pool


def dump(text: str) -> Dump:
    payload = text.encode()
    return Dump(hashlib.sha256(payload).hexdigest(), payload, "a.txt", size=len(payload))


def outcomes(pool: Pool, number: int) -> list[tuple[str, Outcome]]:
    """The next so many."""
    found, until = list[tuple[str, Outcome]](), time.monotonic() + PATIENCE
    while len(found) < number and time.monotonic() < until:
        pool.grow(1)
        found += pool.take(0.2)
    assert len(found) == number
    return found


def give(pool: Pool, *given: Dump) -> None:
    until = time.monotonic() + PATIENCE
    for one in given:
        while not pool.takes(one):
            assert time.monotonic() < until
            pool.grow(1)
            assert pool.take(0.2) == []
        pool.give(one)


@pytest.mark.parametrize(
    ("switch", "reason"), [("kill", "crashed"), ("exit", "crashed"), ("hang", "timeout")]
)
def test_the_fault_is_the_first_ones_and_the_one_ahead_is_cleaned(
    pool: Pool, switch: str, reason: str
) -> None:
    poison, well = dump(f"!{switch}\n"), dump("a story\n" * 5000)
    give(pool, poison, well)
    assert pool.busy == 2
    (first, lost), (second, success) = outcomes(pool, 2)
    assert (first, isinstance(lost, Lost) and lost.reason) == (poison.dump_id, reason)
    assert second == well.dump_id
    assert isinstance(success, Success)
    assert pool.busy == 0


def test_the_fault_is_the_seconds_where_the_first_was_answered(pool: Pool) -> None:
    well, poison = dump("a story\n"), dump("!kill\n")
    give(pool, well, poison)
    (first, success), (second, lost) = outcomes(pool, 2)
    assert (first, second) == (well.dump_id, poison.dump_id)
    assert isinstance(success, Success)
    assert isinstance(lost, Lost)


@pytest.mark.parametrize("words", [2, 500, 5000])
def test_as_many_are_given_ahead_as_a_pipe_holds_and_are_few(pool: Pool, words: int) -> None:
    give(pool, dump("!hang\n"))
    ahead = [dump(f"{n}\n" + "story " * words) for n in range(100)]
    number = 0
    while pool.takes(ahead[number]):
        pool.give(ahead[number])  # nobody reads: with too many this would wait for ever
        number += 1
    assert 2 <= number <= 16
    (_, lost), *others = outcomes(pool, 1 + number)
    assert isinstance(lost, Lost)
    assert [dump_id for dump_id, _ in others] == [dump.dump_id for dump in ahead[:number]]
    assert all(isinstance(outcome, Success) for _, outcome in others)


def test_the_fault_is_of_one_in_the_midst_of_those_ahead(pool: Pool) -> None:
    given = (
        [dump(f"story {n}\n") for n in range(3)]
        + [dump("!kill\n")]
        + [dump(f"story {n}\n") for n in range(3, 6)]
    )
    give(pool, *given)
    found = outcomes(pool, 7)
    assert [dump_id for dump_id, _ in found] == [dump.dump_id for dump in given]
    assert [isinstance(outcome, Lost) for _, outcome in found] == [n == 3 for n in range(7)]


def test_what_a_pipe_does_not_hold_waits_for_an_idle_process(pool: Pool) -> None:
    large = dump("word " * (LARGE // 5))
    give(pool, dump("!hang\n"))
    assert not pool.takes(large)
    assert not pool.takes(dump("a story\n"), Site(frozenset({"a banner"})))  # of which it must be told first
    assert pool.takes(dump("a story\n"))


def test_large_answers_and_dumps_ahead_do_not_wait_for_each_other(pool: Pool) -> None:
    give(pool, large := dump("word " * (LARGE // 5)), small := dump("a story\n" * 5000))
    assert [dump_id for dump_id, _ in outcomes(pool, 2)] == [large.dump_id, small.dump_id]
