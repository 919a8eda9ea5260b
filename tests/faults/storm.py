"""Dumps on their way while everything around them is killed.

    python -m tests.faults.storm [--dumps 100000] [--kills 300] [--cleaner ingest.pipeline:clean] [--seed 7]

The test runs it with its defaults.  Everything it starts is its own, and gone after it.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, select

from ingest.errors import Unavailable
from ingest.model import State
from ingest.readers.files import dumps_of
from ingest.run.main import run
from ingest.settings import Settings
from ingest.store import ledger, records
from ingest.store.opening import open_engine
from ingest.store.schema import ledger as ledger_table
from ingest.store.transactions import reading
from tests.patience import PATIENCE
from tests.postgres import Postgres
from tests.workers.service import Service, is_gone, serving_broker

LIGHT = "tests.workers.cleaners:clean"
# What each may be dead of.  A hang whose last attempt the storm itself cut short has crashed, for all anyone can know.
# One that eats memory meets the limit that comes first.
POISON = {"kill": {"crashed"}, "hang": {"timeout", "crashed"}, "memory": {"crashed", "timeout"}}
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Weather:
    """What is to happen, while dumps are unfinished."""

    dumps: int = 20_000
    worker_kills: int = 50
    broker_kills: int = 3
    flushes: int = 1
    store_kills: int = 3
    cleaner: str = LIGHT
    seed: int = 7
    patience: float = 1_800.0  # seconds, for all of it


@dataclass(slots=True)
class Report:
    """What came of it."""

    done: int = 0
    dead: dict[str, tuple[str, int]] = field(default_factory=dict)  # name → reason, attempts
    documents: int = 0
    different: list[str] = field(default_factory=list)  # documents that a quiet run has not, or has otherwise
    faults: Counter[str] = field(default_factory=Counter)  # those that met unfinished dumps
    seconds: float = 0.0
    left_behind: int = 0  # processes of killed workers

    def only_poison_is_dead(self) -> bool:
        """Each poison dump, after all its attempts and of what it does; nothing else."""
        found = {name.partition("-")[2]: how for name, how in self.dead.items()}
        return found.keys() == POISON.keys() and all(
            reason in POISON[name] and attempts == ATTEMPTS for name, (reason, attempts) in found.items()
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dumps", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--cleaner", default="ingest.pipeline:clean")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    scale = max(1, given.kills // 17)
    weather = Weather(
        given.dumps, given.kills, scale, max(1, scale // 3), scale, given.cleaner, given.seed, patience=36_000
    )
    report = storm(weather, lambda line: print(line, file=sys.stderr, flush=True))
    print(report)
    raise SystemExit(0 if not report.different and report.only_poison_is_dead() else 1)


def storm(weather: Weather, say: Callable[[str], None] = lambda line: None) -> Report:
    """Push and clean in bad weather, then compare with a quiet run of the same dumps."""
    random, report = Random(weather.seed), Report()  # noqa: S311
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ingest-")))
        dumps = folder / "in"
        make_dumps(dumps, weather.dumps, random)
        say(f"{weather.dumps} dumps made")
        postgres = stack.enter_context(Postgres())
        url = postgres.fresh()
        engine = open_engine(url)
        stack.callback(engine.dispose)
        broker = stack.enter_context(serving_broker())
        service = Service(broker, folder, url, engine)
        stack.callback(service.close)
        service.env |= _settings(weather)
        began = time.monotonic()
        _Sky(weather, random, service, postgres, report, say).run(dumps)
        report.seconds = time.monotonic() - began
        _count(engine, report)
        compare(engine, dumps, folder, weather, report)
    return report


class _Sky:
    """Two workers, beat and a pusher, and what befalls them."""

    def __init__(
        self,
        weather: Weather,
        random: Random,
        service: Service,
        postgres: Postgres,
        report: Report,
        say: Callable[[str], None],
    ) -> None:
        self._weather, self._random, self._service, self._postgres = weather, random, service, postgres
        self._report, self._say = report, say
        self._until = time.monotonic() + weather.patience
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, dumps: Path) -> None:
        faults = self._faults()
        total = self._weather.dumps + len(POISON)
        while True:
            for name, command in (
                ("one", ("worker", "--concurrency", "1")),
                ("two", ("worker", "--concurrency", "1")),
                ("beat", ("beat",)),
                ("push", ("push", str(dumps))),
            ):
                self._keep_up(name, command)
            counts = self._counts()
            if counts is not None and counts["done"] + counts["dead"] == total:
                return
            if time.monotonic() > self._until:
                raise AssertionError(f"not finished in {self._weather.patience:g} seconds: {counts}")
            # Spread over the work that is left, so that the last ones too meet dumps in work.
            settled = 0 if counts is None else (counts["done"] + counts["dead"]) / total
            happened = self._report.faults.total() / (self._report.faults.total() + len(faults) or 1)
            if faults and settled >= happened * 0.95:
                fault = faults.pop()
                getattr(self, fault)()
                self._report.faults[fault] += 1
                self._say(f"{fault}: {counts}")
            time.sleep(0.2)  # to count them costs the store as much as some dumps

    def _faults(self) -> list[str]:
        weather = self._weather
        faults = (
            ["kill_worker"] * weather.worker_kills
            + ["kill_broker"] * weather.broker_kills
            + ["flush"] * weather.flushes
            + ["kill_store"] * weather.store_kills
        )
        self._random.shuffle(faults)
        return faults

    def kill_worker(self) -> None:
        """One of its processes: the one that listens, one that stores, or one that cleans."""
        worker = self._running[self._random.choice(("one", "two"))]
        family = [worker.pid, *_children(worker.pid)]
        with suppress(ProcessLookupError):
            os.kill(self._random.choice(family), signal.SIGKILL)

    def kill_broker(self) -> None:
        self._service.broker.kill()
        time.sleep(self._random.random())
        self._service.broker.start()

    def flush(self) -> None:
        self._service.client.flushall()

    def kill_store(self) -> None:
        self._postgres.kill()
        time.sleep(self._random.random())
        self._postgres.start()

    def _keep_up(self, name: str, command: tuple[str, ...]) -> None:
        """Start what is not running; the pusher until it was told that all is received."""
        process = self._running.get(name)
        if process is None or (
            process.poll() is not None and not (name == "push" and not process.returncode)
        ):
            if process is not None and name != "push":
                end = time.monotonic() + PATIENCE
                while not is_gone(process.pid) and time.monotonic() < end:
                    time.sleep(0.05)
                self._report.left_behind += not is_gone(process.pid)
            self._running[name] = self._service.start(*command)

    def _counts(self) -> dict[State, int] | None:
        try:
            return self._service.counts()
        except Unavailable:
            return None


def make_dumps(folder: Path, number: int, random: Random) -> None:
    """Small stories; one in ten is a copy of an earlier one, whole or cut.  And the poison."""
    folder.mkdir()
    words = [f"w{n}" for n in range(5000)]
    stories: list[list[str]] = []
    for n in range(number):
        story = random.choices(words, k=60)
        if stories and n % 10 == 0:
            story = random.choice(stories)[: random.randint(45, 60)]
        elif n % 7 == 0:
            stories.append(story)
        text = f"# menu {n}\n" + " ".join(story[:30]) + "\n" + " ".join(story[30:]) + "\n"
        (folder / f"{n:06}.txt").write_text(text)
    for n, name in enumerate(POISON):
        (folder / f"{number * n // 3:06}-{name}.txt").write_text(f"!{name}\n")


def compare(engine: Engine, dumps: Path, folder: Path, weather: Weather, report: Report) -> None:
    """Byte for byte with what a run without any of this makes of the same dumps; when it was done is left out."""
    quiet = folder / "quiet"
    quiet.mkdir()
    for name in POISON:
        for path in dumps.glob(f"*-{name}.txt"):
            path.unlink()
    settings = Settings(store=f"sqlite:///{quiet / 'quiet.sqlite'}", data=quiet, workers=2)
    calm = open_engine(settings.store_url)
    run(dumps_of([str(dumps)], payload_bytes=10**6), calm, settings, cleaner=weather.cleaner)
    expected, found = dict(_documents(calm)), dict(_documents(engine))
    calm.dispose()
    report.documents = len(found)
    report.different = sorted(
        name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)
    )


def _documents(engine: Engine) -> Iterator[tuple[str, str]]:
    with reading(engine) as connection:
        for _, record in records.records_after(connection, 0):
            said = {name: value for name, value in record.items() if not name.endswith("_at")}
            yield record["document_id"], json.dumps(said)


def _count(engine: Engine, report: Report) -> None:
    with reading(engine) as connection:
        report.done = ledger.counts(connection)["done"]
        for dump in ledger.dead(connection):
            report.dead[Path(dump.name).stem] = dump.reason, dump.attempts
        unheld = select(ledger_table.c.dump_id).where(ledger_table.c.holder.is_not(None))
        assert connection.scalars(unheld).all() == []


def _settings(weather: Weather) -> dict[str, str]:
    """A task is killed after 1.25 x (1.5 + 2 x 1.5) = 5.6 seconds; a dump is stale after a little more."""
    return {
        "INGEST_ATTEMPTS": str(ATTEMPTS),
        "INGEST_TIME_LIMIT": "1.5",
        "INGEST_QUEUE__TASK_SECONDS": "1.5",
        "INGEST_QUEUE__STALE_AFTER": "6",
        "INGEST_QUEUE__SWEEP_EVERY": "1",
        "INGEST_QUEUE__CLEANER": weather.cleaner,
        "INGEST_QUEUE__MEMORY_BYTES": "400000000",
    }


def _children(pid: int) -> list[int]:
    """All that descend from a process."""
    listed: Any = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout.split()
    parents = dict(zip(map(int, listed[::2]), map(int, listed[1::2]), strict=True))
    found, line = list[int](), [pid]
    while line:
        line = [child for child, parent in parents.items() if parent in line]
        found += line
    return found


if __name__ == "__main__":
    main()
