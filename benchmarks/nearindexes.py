"""What near-copy indexes cost as they grow: of `benchmarks/near_copies.py`, each contender in a process of its own.

Documents are made up: sketches of 100 to 2,000 shingles, a tenth of them from a pool in which the nth is drawn
with the frequency 1/n, as strangers share phrases.  None copies another, so every candidate is a false one.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from datasketch import MinHash, MinHashLSH
from sqlalchemy import Connection

from benchmarks.redisserver import Measured, server
from benchmarks.resident import resident_bytes
from ingest.index.candidates import asked_of, candidates
from ingest.index.protocol import Entry
from ingest.index.redislists import RedisLists
from ingest.index.sketch import Sketch
from ingest.index.sql import SqlIndex
from ingest.settings import NearCopies
from ingest.store.opening import open_engine
from ingest.store.rareshingles import StoredLists
from ingest.store.transactions import writing

BATCH = 64
SETTINGS = NearCopies()
PROBED = 10 * BATCH  # documents whose candidates are counted at each mark
POOL = 200_000


class Costs(NamedTuple):
    contender: str
    documents: int
    micros: float  # processor time of the client a document, since the mark before: look-up and insert
    server_micros: float | None  # of the server
    bytes: float | None  # a document
    round_trips: float | None  # a document
    false_candidates: float | None  # a document
    resident: float  # MB of the client at its most


def made_up(number: int, seed: int = 1) -> Iterator[Sketch]:
    """Sketches of strangers, the same ones each time."""
    random = np.random.default_rng(seed)
    pool = random.integers(0, 1 << 32, POOL, np.uint32)
    for n in range(number):
        size = int(np.clip(random.lognormal(6.0, 0.6), 100, 2000))
        drawn = (POOL ** random.random(size // 10)).astype(np.int64) - 1
        own = random.integers(0, 1 << 32, size, np.uint32)
        shingles = np.unique(np.concatenate((own, pool[drawn])))
        yield Sketch(f"{seed:x}{n:063x}", shingles.astype("<u4").tobytes(), b"")


def batches(number: int, seed: int = 1) -> Iterator[list[Entry]]:
    batch = list[Entry]()
    for n, sketch in enumerate(made_up(number, seed), 1):
        batch.append(Entry(f"{n:064x}-1", n << 16, sketch))
        if len(batch) == BATCH or n == number:
            yield batch
            batch = []


def sql(marks: Sequence[int]) -> Iterator[Costs]:
    """Ours in SQLite, all of it: sketches, exact texts, lists; in a file, a batch a transaction."""
    return _whole("ingest, SQLite", marks, StoredLists)


def sql_and_redis(marks: Sequence[int]) -> Iterator[Costs]:
    """Ours as workers have it with `near_copies.lists` = "broker": all but the lists in SQLite."""
    with server() as client:
        where = "ingest, SQLite and Redis"
        yield from _whole(where, marks, lambda connection: RedisLists(client, connection, SETTINGS))


def _whole(
    name: str, marks: Sequence[int], lists_of: Callable[[Connection], StoredLists | RedisLists]
) -> Iterator[Costs]:
    with tempfile.TemporaryDirectory(prefix="ingest-") as folder:
        engine = open_engine(f"sqlite:///{folder}/store.sqlite")
        left, done, last, spent = list(marks), 0, 0, 0.0
        for batch in batches(marks[-1]):
            begin = time.process_time()
            with writing(engine) as connection:
                SqlIndex(connection, SETTINGS, lists_of(connection)).add(batch)
            spent += time.process_time() - begin
            done += len(batch)
            if left and done >= left[0]:
                left.pop(0)
                size = sum(file.stat().st_size for file in Path(folder).iterdir())
                with writing(engine) as connection:
                    false = _false_candidates(lists_of(connection))
                took = spent / (done - last) * 1e6
                yield Costs(name, done, took, None, size / done, None, false, _resident())
                last, spent = done, 0.0
        engine.dispose()


def lists_in_redis(marks: Sequence[int]) -> Iterator[Costs]:
    """Our lists alone: look-up, claim and the choice of candidates; sketches are in the store in any case."""
    engine = open_engine("sqlite://")
    with server() as client, writing(engine) as connection:
        lists = RedisLists(client, connection, SETTINGS)
        lists.rebuild()
        measured, left = Measured(client), list(marks)
        for batch in batches(marks[-1]):
            asked = asked_of([(entry.place, entry.sketch) for entry in batch])
            with measured.taking(len(batch)):
                candidates(asked, lists.claim(asked.keys, asked.postings), SETTINGS.similarity)
            if left and measured.done >= left[0]:
                left.pop(0)
                false = _false_candidates(lists)
                yield Costs("ingest, lists in Redis", *measured.spent(), false, _resident())


def datasketch_in_memory(marks: Sequence[int]) -> Iterator[Costs]:
    index = MinHashLSH(threshold=0.5)
    left, last, spent = list(marks), 0, 0.0
    for done, signature in enumerate(_signatures(marks[-1]), 1):
        begin = time.process_time()
        index.query(signature)
        index.insert(f"{done:064x}-1", signature)
        spent += time.process_time() - begin
        if done == left[0]:
            left.pop(0)
            took = spent / (done - last) * 1e6
            yield Costs("datasketch, memory", done, took, None, None, None, None, _resident())
            last, spent = done, 0.0


def datasketch_in_redis(marks: Sequence[int]) -> Iterator[Costs]:
    with server() as client:
        where = client.connection_pool.connection_kwargs["path"]
        storage = {"type": "redis", "basename": b"lsh", "redis": {"unix_socket_path": where}}
        index = MinHashLSH(threshold=0.5, storage_config=storage)
        measured, left = Measured(client), list(marks)
        for n, signature in enumerate(_signatures(marks[-1])):
            with measured.taking(1):
                index.query(signature)
                index.insert(f"{n:064x}-1", signature)
            if left and measured.done >= left[0]:
                left.pop(0)
                yield Costs("datasketch, Redis", *measured.spent(), None, _resident())


Contender = Callable[[Sequence[int]], Iterator[Costs]]


def costs_of(contender: Contender, marks: Sequence[int]) -> list[Costs]:
    """In a process of its own, so that its memory is its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_all_of, contender, marks).result()


def _all_of(contender: Contender, marks: Sequence[int]) -> list[Costs]:
    return list(contender(marks))


def _false_candidates(lists: StoredLists | RedisLists) -> float:
    """Earlier documents a new one, of strangers to all, would be compared with."""
    asked = asked_of([((1 << 40) + n, sketch) for n, sketch in enumerate(made_up(PROBED, seed=2))])
    return len(candidates(asked, lists.read(asked.keys), SETTINGS.similarity)) / PROBED


def _signatures(number: int) -> Iterator[MinHash]:
    """128 random values each: what a signature of a stranger looks like."""
    random = np.random.default_rng(1)
    for _ in range(number):
        yield MinHash(hashvalues=random.integers(0, 1 << 32, 128, np.uint32), scheme="affine32")


def _resident() -> float:
    return resident_bytes()[1] / 2**20
