"""What a page of `GET /v1/documents` takes over a large store: at several depths, with each filter.

    python -m benchmarks.feed [--documents 1000000] [--words 120] [--store URL | --postgres] [--times 20]

Fills an empty store with made-up documents (several minutes for a million), serves it with `ingest api`, and asks it
over the loopback for pages of 100; medians and the slowest, from the request to the last byte of the answer.  A store
that is filled already is taken as it is.  `--postgres`: one of the tests' own servers, gone after it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, Text, func, insert, select, text

from benchmarks.up import family
from ingest.settings import Settings
from ingest.store import cursors, tokens
from ingest.store.opening import open_engine, opened
from ingest.store.schema import articles, counters
from ingest.store.searchable import make_findable
from ingest.store.transactions import reading, writing
from tests.postgres import Postgres

ROOT = Path(__file__).parents[1]
# What it does by and by in a store that grew, it is not to do all at once while we measure: `fill` ends with it.
POSTGRES = ["--shared_buffers=512MB", "--autovacuum=off", "--checkpoint_timeout=1h", "--max_wal_size=16GB"]
PAGE = 100
SOURCES, LANGUAGES = 500, ("en", "en", "en", "de", "fr", "ar")
VOCABULARY = 50_000  # words, of which a few are in most documents and most in few
PARAGRAPH = 120  # words
POOL = 2000  # different texts
PORTION = 50_000  # documents made in one transaction
DEPTHS = (0.0, 0.5, 0.99)
FILTERS: dict[str, dict[str, str]] = {
    "none": {},
    "source": {"source": "source-7"},
    "source that is none": {"source": "nobody"},
    "language": {"language": "de"},
    "language that is none": {"language": "xx"},
    "status": {"status": "near-copy"},
    "role": {"role": "trailing"},
    "published": {"published_from": "2026-03-01", "published_to": "2026-03-07"},
    "words, frequent": {"q": "word3"},
    "words, rare": {"q": "word34249"},
    "words that nobody wrote": {"q": "nowhere"},
    "all of them": {"source": "source-7", "language": "en", "status": "unique", "q": "word3"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--words", type=int, default=PARAGRAPH, help="of a document")
    parser.add_argument("--store")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--times", type=int, default=20)
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ingest-"))
        store = arguments.store or f"sqlite:///{folder}/ingest.sqlite"
        if arguments.postgres:
            server = stack.enter_context(Postgres(arguments=POSTGRES))
            store = f"{server.fresh()}&options=-c%20statement_timeout%3D0"
        fill(store, arguments.documents, arguments.words)
        settings = Settings(store=store, data=Path(folder))
        with opened(settings) as engine:
            with writing(engine) as connection:
                token = tokens.create(connection, ["read"])
            last = newest(engine)
        port = stack.enter_context(served(settings, Path(folder)))
        measure(port, token, last, arguments.times)


def fill(store: str, number: int, words: int) -> None:
    """Unless there is something.  Every tenth document is a copy, every hundredth number a retraction."""
    engine = open_engine(store)
    if not newest(engine):
        began = time.monotonic()
        with writing(engine) as connection:
            metadata.create_all(connection, [pool])
            connection.execute(insert(pool), [_pooled(k, words) for k in range(POOL)])
        with indexed_at_the_end(engine):
            for first in range(1, number + 1, PORTION):
                with writing(engine) as connection:
                    for statement in _statements(connection):
                        connection.execute(
                            text(statement), {"first": first, "last": min(first + PORTION - 1, number)}
                        )
                    make_findable(connection, first)
        with writing(engine) as connection:
            connection.execute(insert(counters), {"name": "articles", "value": number})
            pool.drop(connection)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # As a store is that grew: Postgres itself does it, again and again.
            connection.execute(text("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE"))
        print(f"{number} documents made in {time.monotonic() - began:.0f} s")
    engine.dispose()


# What documents are made of: each is one of these, under a number of its own.
metadata = MetaData()
pool = Table(
    "pool",
    metadata,
    Column("k", Integer, primary_key=True),
    *(Column(name, Text) for name in ("source", "text", "published", "language", "blocks")),
)


def _pooled(k: int, words: int) -> dict[str, Any]:
    chance = random.Random(k)  # noqa: S311
    said = [f"word{int(VOCABULARY * chance.random() ** 4)}" for _ in range(words)]
    paragraphs = [" ".join(said[n : n + PARAGRAPH]) for n in range(0, words, PARAGRAPH)]
    ends = list(accumulate(len(paragraph) + 2 for paragraph in paragraphs))  # with the blank line behind
    return {
        "k": k,
        "source": f"source-{int(SOURCES * chance.random() ** 2)}",
        "text": "\n\n".join(paragraphs),
        "published": f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        "language": chance.choice(LANGUAGES),
        "blocks": json.dumps(
            [
                [end - len(paragraph) - 2, end - 2, "paragraph", paragraph]
                for end, paragraph in zip(ends, paragraphs, strict=True)
            ]
        ),
    }


def _statements(connection: Connection) -> Iterator[str]:
    """From :first to :last, in the database itself: a row of each table for each number."""
    if connection.dialect.name == "postgresql":
        numbers, dump_id = (
            "(SELECT generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n) AS s",
            "lpad(to_hex(n), 64, '0')",
        )
        blocks, none = "blocks::json", "'[]'::json"
    else:
        numbers = "(WITH RECURSIVE s(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM s WHERE n < :last) SELECT n FROM s)"
        dump_id, blocks, none = "printf('%064x', n)", "blocks", "'[]'"
    at = "'2026-01-01T00:00:00+00:00'"
    yield f"INSERT INTO dumps (dump_id, size, received_at, aside) SELECT {dump_id}, 2000, {at}, false FROM {numbers}"  # noqa: S608
    yield f"""
        INSERT INTO articles (document_id, seq, dump_id, part, parts, role, source, url, title, text, authors, captions,
            published, language, language_confidence, cluster_id, duplicate_of, copy_kind, similarity, revision,
            was_unique, pipeline_version, cleaned_at, start, "end", blocks, evidence)
        SELECT 'd' || n, n, {dump_id}, 1, 1, CASE WHEN n % 20 = 0 THEN 'trailing' ELSE 'primary' END, source,
            'https://example.org/' || n, 'Title ' || n, text, {none}, {none}, published, language, 0.98, 'd' || n,
            CASE WHEN n % 10 = 3 THEN 'd' || (n - 1) END,
            CASE WHEN n % 20 = 3 THEN 'near' WHEN n % 10 = 3 THEN 'exact' END, CASE WHEN n % 10 = 3 THEN 0.9 END,
            CASE WHEN n % 30 = 7 THEN 2 ELSE 1 END, n % 10 <> 3, '2', {at}, 0, length(text),
            {blocks}, {none}
        FROM {numbers} JOIN pool ON k = n * 7919 % {POOL} WHERE n % 100 <> 0
    """  # noqa: S608
    yield f"""
        INSERT INTO removals (dump_id, n, start, "end", text, reason, rule, score)
        SELECT {dump_id}, 0, 0, 12, 'Your Comment', 'comment-form', 'comment-form/your-comment', 1.0 FROM {numbers}
    """  # noqa: S608
    yield f"""
        INSERT INTO retractions (document_id, seq, dump_id, retracted_at)
        SELECT 'd' || n, n, {dump_id}, {at} FROM {numbers} WHERE n % 100 = 0
    """  # noqa: S608


@contextmanager
def indexed_at_the_end(engine: Engine) -> Iterator[None]:
    """On Postgres the full text is indexed in one go, which is much faster."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with writing(engine) as connection:
        connection.execute(text("ALTER TABLE articles DISABLE TRIGGER articles_searchable"))
        connection.execute(text("DROP INDEX ix_search_words"))
    yield
    with writing(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO search SELECT seq, words FROM articles JOIN "  # noqa: S608
                f"(SELECT k, to_tsvector('simple', text) AS words FROM pool) AS p ON k = seq * 7919 % {POOL}"
            )
        )
        connection.execute(text("CREATE INDEX ix_search_words ON search USING gin (words)"))
        connection.execute(text("ALTER TABLE articles ENABLE TRIGGER articles_searchable"))


def newest(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.max(articles.c.seq))) or 0


@contextmanager
def served(settings: Settings, folder: Path) -> Iterator[int]:
    """-> the port of an API on this store."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("INGEST_")}
    env |= {
        "INGEST_STORE": settings.store_url,
        "INGEST_DATA": str(folder),
        "INGEST_BROKER": "redis://127.0.0.1:1/0",  # nobody: nothing is pushed, nobody's requests are counted
        "INGEST_API__TOKEN_REQUESTS": "0",
        "INGEST_API__ADDRESS_REQUESTS": "0",
        "PYTHONPATH": str(ROOT),
    }
    log = folder / "log"
    with log.open("wb") as file:
        command = [sys.executable, "-m", "ingest", "api", "--port", "0"]
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=file, stderr=file)
    try:
        while not (said := re.search(r"listening on http://127\.0\.0\.1:(\d+)", log.read_text())):
            if process.poll() is not None:
                sys.exit(log.read_text())
            time.sleep(0.05)
        yield int(said.group(1))
    finally:
        process.terminate()
        process.wait()


def measure(port: int, token: str, last: int, times: int) -> None:
    connection = HTTPConnection("127.0.0.1", port)
    headers = {"Authorization": f"Bearer {token}"}

    def page(asked: Mapping[str, str]) -> bytes:
        connection.request("GET", f"/v1/documents?{urlencode(asked)}", headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            sys.exit(body.decode())
        return body

    chance = random.Random(7)  # noqa: S311
    print(
        f"a page of {PAGE} of {last} documents, median of {times}: ms / ms of processor time (changes on it)"
    )
    print(f"{'filter':>24}" + "".join(f"{f'depth {depth:.0%}':>24}" for depth in DEPTHS))
    for name, filters in FILTERS.items():
        print(f"{name:>24}", end="", flush=True)
        for depth in DEPTHS:
            took, cost, found = list[float](), list[float](), 0
            for _ in range(times):  # each somewhere else, so that it is not the page that was just read
                number = int(last * depth) + chance.randrange(max(1, last // 200))
                asked = {"limit": str(PAGE), "cursor": cursors.written(number), **filters}
                before, began = processor_seconds(), time.perf_counter()
                body = page(asked)
                took.append(1000 * (time.perf_counter() - began))
                cost.append(1000 * (processor_seconds() - before))
                found = len(json.loads(body)["changes"])
            print(f"{median(took):10.1f} /{median(cost):6.1f} ({found:3})", end="", flush=True)
        print()


def processor_seconds() -> float:
    """That all our children took, by their threads' own clocks."""
    nanoseconds = 0
    for pid in family(os.getpid()):
        for clock in Path(f"/proc/{pid}/task").glob("*/schedstat") if pid != os.getpid() else ():
            with suppress(OSError):
                nanoseconds += int(clock.read_text().split()[0])
    return nanoseconds / 1e9


if __name__ == "__main__":
    main()
