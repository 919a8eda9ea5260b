"""What a page of `GET /v1/documents` takes over a large store: at several depths, with each filter.

    python -m benchmarks.feed [--documents 1000000] [--store URL | --postgres] [--times 20]

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
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Engine, func, insert, select, text

from benchmarks.up import family
from ingest.settings import Settings
from ingest.store import cursors, tokens
from ingest.store.opening import open_engine, opened
from ingest.store.schema import articles, counters, dumps, links, removals, retractions
from ingest.store.transactions import reading, writing
from tests.postgres import Postgres

ROOT = Path(__file__).parents[1]
PAGE = 100
SOURCES, LANGUAGES = 500, ("en", "en", "en", "de", "fr", "ar")
VOCABULARY = 50_000  # words, of which a few are in most documents and most in few
WORDS = 120  # of a document
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
    "words, rare": {"q": "word30011"},
    "words that nobody wrote": {"q": "nowhere"},
    "all of them": {"source": "source-7", "language": "en", "status": "unique", "q": "word3"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--store")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--times", type=int, default=20)
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ingest-"))
        store = arguments.store or f"sqlite:///{folder}/ingest.sqlite"
        if arguments.postgres:
            server = stack.enter_context(Postgres(arguments=["--shared_buffers=512MB"]))
            store = f"{server.fresh()}&options=-c%20statement_timeout%3D0"
        fill(store, arguments.documents)
        settings = Settings(store=store, data=Path(folder))
        with opened(settings) as engine:
            with writing(engine) as connection:
                token = tokens.create(connection, ["read"])
            last = newest(engine)
        port = stack.enter_context(served(settings, Path(folder)))
        measure(port, token, last, arguments.times)


def fill(store: str, number: int) -> None:
    """Unless there is something.  Every tenth document is a copy, every hundredth number a retraction."""
    engine = open_engine(store)
    if not newest(engine):
        began = time.monotonic()
        with words_at_the_end(engine):
            for first in range(1, number + 1, 5000):
                with writing(engine) as connection:
                    rows = [_rows(n) for n in range(first, min(first + 5000, number + 1))]
                    connection.execute(insert(dumps), [row["dump"] for row in rows])
                    connection.execute(insert(articles), [row["article"] for row in rows if "article" in row])
                    connection.execute(insert(removals), [row["removal"] for row in rows])
                    connection.execute(insert(links), [row["link"] for row in rows if "link" in row])
                    connection.execute(insert(retractions), [row["end"] for row in rows if "end" in row])
        with writing(engine) as connection:
            connection.execute(insert(counters), {"name": "articles", "value": number})
            connection.execute(text("ANALYZE"))
        print(f"{number} documents made in {time.monotonic() - began:.0f} s")
    engine.dispose()


@contextmanager
def words_at_the_end(engine: Engine) -> Iterator[None]:
    """On Postgres the full text is indexed in one go, which is much faster."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with writing(engine) as connection:
        connection.execute(text("ALTER TABLE articles DISABLE TRIGGER articles_searchable"))
        connection.execute(text("DROP INDEX ix_search_words"))
    yield
    with writing(engine) as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("INSERT INTO search SELECT seq, to_tsvector('simple', text) FROM articles"))
        connection.execute(text("CREATE INDEX ix_search_words ON search USING gin (words)"))
        connection.execute(text("ALTER TABLE articles ENABLE TRIGGER articles_searchable"))


def _rows(n: int) -> dict[str, dict[str, Any]]:
    """What stands in each table of the document with this number in the feed."""
    chance = random.Random(n)  # noqa: S311
    document_id, dump_id, at = f"d{n}", f"{n:064x}", "2026-01-01T00:00:00+00:00"
    rows: dict[str, dict[str, Any]] = {
        "dump": {"dump_id": dump_id, "payload": None, "size": 2000, "received_at": at},
        "removal": {
            "dump_id": dump_id, "n": 0, "start": 0, "end": 12, "text": "Your Comment", "reason": "comment-form",
            "rule": "comment-form/your-comment", "score": 1.0,
        },
    }  # fmt: skip
    if n % 100 == 0:
        rows["end"] = {"document_id": document_id, "seq": n, "dump_id": dump_id, "retracted_at": at}
        return rows
    is_copy = n % 10 == 3
    words = " ".join(f"word{int(VOCABULARY * chance.random() ** 4)}" for _ in range(WORDS))
    rows["article"] = {
        "document_id": document_id, "seq": n, "dump_id": dump_id, "part": 1, "parts": 1,
        "role": "primary" if n % 20 else "trailing", "source": f"source-{int(SOURCES * chance.random() ** 2)}",
        "url": f"https://example.org/{n}", "title": f"Title {n}", "standfirst": None, "text": words,
        "authors": ["Ada Writer"], "captions": [],
        "published": f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        "language": chance.choice(LANGUAGES), "language_confidence": 0.98, "cluster_id": document_id,
        "possible_mixed": None, "revision": 1 + (n % 30 == 7), "was_unique": not is_copy, "pipeline_version": "2",
        "cleaned_at": at, "blocks": [[0, len(words), "paragraph", words]], "evidence": [],
    }  # fmt: skip
    if is_copy:
        original, kind = f"d{n - 1}", "near" if n % 20 == 3 else "exact"
        rows["link"] = {"document_id": document_id, "duplicate_of": original, "kind": kind, "similarity": 0.9}
    return rows


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

    def page(asked: Mapping[str, str]) -> int:
        connection.request("GET", f"/v1/documents?{urlencode(asked)}", headers=headers)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        if answer.status != 200:
            sys.exit(str(body))
        return len(body["changes"])

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
                found = page(asked)
                took.append(1000 * (time.perf_counter() - began))
                cost.append(1000 * (processor_seconds() - before))
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
