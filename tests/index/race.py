"""Copies that several processes bring at the same instant, some of them killed before they have stored theirs.

    python -m tests.index.race [--rounds 10000] [--store sqlite|postgres] [--lists store|broker]

Each round is one story: two or three processes begin at once, each with a copy of its own (the words themselves,
a cut, an update).  In one round of eight one of them has claimed its places and is killed (SIGKILL) before its
commit; its dump is done again, or is dead and never comes.  Of every story exactly one is to be kept, all others
are its copies.  Everything it starts is its own, and gone after it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from random import Random

from sqlalchemy import Engine

from ingest.index.opening import index_on
from ingest.model import Cleaned
from ingest.run.results import keep
from ingest.run.worker import Success
from ingest.settings import NearCopies, Settings
from ingest.stages.deduplicate import sketches_of
from ingest.store import payloads, records
from ingest.store.opening import open_engine
from ingest.store.transactions import reading, writing
from tests.cleaners import cleaned_of
from tests.index.contract import word
from tests.postgres import Postgres
from tests.store.test_payloads import dump
from tests.workers.service import Server

PROCESSES = 3
KILLED = 8  # one round in so many
VERSION = "1"


@dataclass(frozen=True, slots=True)
class Round:
    copies: tuple[bytes, ...]  # one a process
    killed: int | None  # the process that is killed
    comes_again: bool


def rounds_of(number: int, seed: int) -> list[Round]:
    random = Random(seed)  # noqa: S311
    made = []
    for n in range(number):
        words = [word(1000 * n + k) for k in range(90)]
        copies = (words, [*words[:50], "end"], [*words, *(word(1000 * n + 500 + k) for k in range(10))])
        shuffled = random.sample(copies, PROCESSES)[: 2 + n % 2]
        killed = random.randrange(len(shuffled)) if n % KILLED == 0 else None
        texts = tuple(f"Title {n} {k}\n{' '.join(text)}\n".encode() for k, text in enumerate(shuffled))
        made.append(Round(texts, killed, random.random() < 0.5))
    return made


def bring(engine: Engine, settings: Settings, cleaned: Cleaned, *, killed: bool) -> None:
    """Store one dump as workers do."""
    with writing(engine) as connection:
        index = index_on(connection, settings)
        keep(connection, index, [Success(cleaned, sketches_of(cleaned))], version=VERSION)
        if killed:
            os.kill(os.getpid(), signal.SIGKILL)


def racer(place: int, rounds: list[Round], settings: Settings, barrier: Barrier) -> None:
    engine = open_engine(settings.store_url)
    for story in rounds:
        cleaned = cleaned_of(story.copies[place]) if place < len(story.copies) else None
        if story.killed == place:
            engine.dispose()  # a fork must find no open database
        barrier.wait()
        if cleaned is None:
            continue
        if story.killed == place:
            child = os.fork()
            if not child:
                bring(engine, settings, cleaned, killed=True)
            os.waitpid(child, 0)
        if story.killed != place or story.comes_again:
            bring(engine, settings, cleaned, killed=False)
    engine.dispose()


def race(number: int, settings: Settings, seed: int = 7) -> Counter[int]:
    """-> how many rounds kept how many documents: all under 1, where all is well."""
    rounds = rounds_of(number, seed)
    engine = open_engine(settings.store_url)
    stories: dict[str, int] = {}
    with writing(engine) as connection:
        for n, story in enumerate(rounds):
            shuffled = Random(n).sample(story.copies, len(story.copies))  # noqa: S311
            dumps = [dump(copy, f"{n}.txt") for copy in shuffled]
            payloads.receive(connection, dumps)
            stories.update((one.dump_id, n) for one in dumps)
    engine.dispose()
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(PROCESSES)
    racers = [
        context.Process(target=racer, args=(place, rounds, settings, barrier)) for place in range(PROCESSES)
    ]
    for process in racers:
        process.start()
    for process in racers:
        process.join()
        assert process.exitcode == 0, process.exitcode
    kept, clusters = Counter[int](), defaultdict[int, set[str]](set)
    with reading(engine) as connection:
        for _, record in records.records_after(connection, 0):
            story = stories[record["dump_id"]]
            kept[story] += record["status"] == "unique"
            clusters[story].add(record["cluster_id"])
    engine.dispose()
    assert all(len(found) == 1 for found in clusters.values())
    return Counter(kept[n] for n in range(number))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=10_000)
    parser.add_argument("--store", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--lists", choices=["store", "broker"], default="store")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="ingest-"))
        stack.callback(shutil.rmtree, folder)
        server = Server(folder)
        stack.callback(server.kill)
        store = f"sqlite:///{folder / 'store.sqlite'}"
        if options.store == "postgres":
            store = stack.enter_context(Postgres()).fresh()
        settings = Settings(
            store=store, data=folder, broker=server.url, near_copies=NearCopies(lists=options.lists)
        )
        begin = time.monotonic()
        kept = race(options.rounds, settings)
    wrong = options.rounds - kept[1]
    print(
        f"{options.store}, lists in the {options.lists}: {options.rounds} rounds in {time.monotonic() - begin:.0f} s, "
        f"{wrong} kept more or fewer than one {dict(kept)}"
    )
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
