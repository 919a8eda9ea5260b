"""A consumer that is killed again and again, while four writers write, revise and retract.

    python -m tests.consumers.killed [--documents 10000] [--kills 40] [--pause 6] [--seed 7]

On SQLite and on Postgres; the writers are processes, and the consumer reads over HTTP (`ingest.client`).  Fails where
it does not end with exactly the store's documents.  The test runs a small form of it.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from sqlalchemy import Engine, func, select

from ingest.errors import Unavailable
from ingest.index.sql import SqlIndex
from ingest.model import Cleaned
from ingest.run.results import keep
from ingest.run.worker import Success
from ingest.settings import Api, NearCopies, Settings
from ingest.stages.deduplicate import sketches_of
from ingest.store import payloads, records, tokens
from ingest.store.opening import open_engine
from ingest.store.schema import articles, retractions
from ingest.store.transactions import reading, writing
from tests.cleaners import cleaned_of
from tests.consumers.serving import served
from tests.ports import unused_port
from tests.postgres import Postgres
from tests.store.test_payloads import dump

WRITERS = 4
BATCH = 16  # dumps in one transaction
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Report:
    documents: int  # that the store holds in the end
    revised: int
    retracted: int
    kills: int
    different: tuple[str, ...]  # documents that the consumer has otherwise, or that one of both has not
    seconds: float


def killed(
    store_url: str,
    folder: Path,
    *,
    documents: int,
    kills: int,
    seed: int,
    pause: float,
    pool: Callable[[], Executor],
) -> Report:
    """`kills`: at least so many, and as often as the writers give time for; each after `pause` seconds at most."""
    began, chance = time.monotonic(), Random(seed)  # noqa: S311
    engine = open_engine(store_url)
    with writing(engine) as connection:
        token = tokens.create(connection, ["read"])
    settings = Settings(
        store=store_url,
        broker="redis://127.0.0.1:1/0",  # nobody: nothing is pushed here
        data=folder,
        api=Api(port=unused_port(), token_requests=0, address_requests=0),
    )
    times = 0
    with served(settings) as url, pool() as writers:
        command = [sys.executable, "-m", "tests.consumers.consumer", url, token, str(folder)]
        at_work = [
            writers.submit(write, store_url, f"{seed}-{n}", documents // WRITERS) for n in range(WRITERS)
        ]
        while times < kills or not all(one.done() for one in at_work):
            consumer = subprocess.Popen(command, cwd=ROOT)
            time.sleep(chance.uniform(0.3, pause))
            consumer.kill()
            consumer.wait()
            times += 1
        for one in at_work:
            one.result()
        subprocess.run([*command, "--to-the-end"], cwd=ROOT, check=True)
    with reading(engine) as connection:
        there = {row["document_id"]: dict(row) for _, row in records.records_after(connection, 0)}
        revised = connection.scalar(select(func.count()).where(articles.c.revision > 1)) or 0
        gone = connection.scalar(select(func.count()).select_from(retractions)) or 0
    engine.dispose()
    mine = sqlite3.connect(folder / "mine.sqlite")
    held = {name: json.loads(document) for name, document in mine.execute("SELECT * FROM documents")}
    mine.close()
    different = [name for name in sorted(there.keys() | held.keys()) if there.get(name) != held.get(name)]
    return Report(len(there), revised, gone, times, tuple(different), time.monotonic() - began)


def write(store_url: str, name: str, number: int) -> None:
    """New documents, copies of earlier ones among them; between them, some revised, some taken out and brought back."""
    engine, chance = open_engine(store_url), Random(name)  # noqa: S311
    written: list[Cleaned] = []
    for first in range(0, number, BATCH):
        new = [cleaned_of(_story(chance, name, n)) for n in range(first, min(first + BATCH, number))]
        _store(engine, new, "1")
        written += new
        again = chance.sample(written, min(len(written), BATCH // 2))
        _store(engine, [_changed(cleaned, chance) for cleaned in again], str(first))
    engine.dispose()


def _store(engine: Engine, cleaned: Sequence[Cleaned], version: str) -> None:
    """In one transaction; again where the store was away, as whoever writes does."""
    results = [Success(one, sketches_of(one)) for one in cleaned]
    while True:
        try:
            with writing(engine) as connection:
                payloads.receive(connection, [dump(one.text.encode(), source="wire") for one in cleaned])
                keep(connection, SqlIndex(connection, NearCopies()), results, version=version)
        except Unavailable:
            continue
        return


def _story(chance: Random, name: str, n: int) -> bytes:
    # One in ten tells what another of this writer told: a copy, until that one is changed or gone.
    told = chance.randrange(max(1, n)) if chance.random() < 0.1 else n
    words = " ".join(f"w{name}x{told}x{i}" for i in range(60))
    return f"# menu {name} {n}\n{words}".encode()


def _changed(cleaned: Cleaned, chance: Random) -> Cleaned:
    if chance.random() < 0.3:
        return replace(cleaned, articles=())
    return replace(
        cleaned,
        articles=tuple(
            replace(article, title=f"Title {chance.randrange(10**6)}") for article in cleaned.articles
        ),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--pause", type=float, default=6.0)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    failed = 0
    with Postgres() as server, tempfile.TemporaryDirectory(prefix="ingest-") as folder:
        for name, url in (("sqlite", f"sqlite:///{folder}/ingest.sqlite"), ("postgres", server.fresh())):
            own = Path(folder) / name
            own.mkdir()
            report = killed(
                url,
                own,
                documents=asked.documents,
                kills=asked.kills,
                seed=asked.seed,
                pause=asked.pause,
                pool=_processes,
            )
            failed += bool(report.different)
            print(
                f"{name}: {report.documents} documents ({report.revised} revised), {report.retracted} retracted; "
                f"killed {report.kills} times; {len(report.different)} different; {report.seconds:.0f} s"
            )
    return 1 if failed else 0


def _processes() -> Executor:
    return ProcessPoolExecutor(WRITERS, mp_context=multiprocessing.get_context("spawn"))


if __name__ == "__main__":
    sys.exit(main())
