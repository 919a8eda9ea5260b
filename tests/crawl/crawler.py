"""The command line with a store, a folder of sources and leave to fetch from the loopback."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_cli import Shell
from tests.crawl.forked import Forked
from tests.crawl.site import Site
from tests.workers.service import Server


class Crawler(Shell):
    def __init__(self, folder: Path, site: Site) -> None:
        super().__init__(folder)
        self.site = site
        (folder / "config").mkdir()
        self.env |= {
            "INGEST_CRAWL__CONTACT": "tests@example.org",
            "INGEST_CRAWL__PRIVATE_HOSTS": json.dumps([f"{site.host}:{site.port}"]),
            "INGEST_CRAWL__RESPONSE_SECONDS": "1",
            "INGEST_CRAWL__RECHECK_AFTER": "0",
            "INGEST_CRAWL__RETRIES": "1",
            "INGEST_CRAWL__DELAY": "0.01",
        }
        self.sources = folder / "config/sources.toml"

    def start(self, *arguments: str, **_: object) -> Forked:  # type: ignore[override]
        return Forked(self.folder, self.env, arguments)

    def __call__(self, *arguments: str, stdin: bytes = b"", code: int = 0) -> tuple[str, str]:
        process = self.start(*arguments)
        ended = process.wait()
        out, err = process.out.read_text(), process.err.read_text()
        assert ended == code, err
        assert "Traceback" not in err
        return out, err

    def source(self, name: str, kind: str, *paths: str, **more: Any) -> None:
        """Define one in sources.toml."""
        urls = [f"{self.site.url}{path}" for path in paths]
        said = {"kind": kind, "urls": urls, "adaptive": False, **more}
        lines = [f"{key} = {json.dumps(value)}" for key, value in said.items()]
        with self.sources.open("a", encoding="utf-8") as file:
            file.write("\n".join([f"[{name}]", *lines, "\n"]))

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "data/ingest.sqlite")) as store:
            return store.execute(statement).fetchall()

    def forget_signs(self) -> None:
        """Of life: crawls that were killed are long dead then."""
        self.write("UPDATE crawls SET seen_at = '2026-01-01T00:00:00+00:00'")

    def write(self, statement: str) -> None:
        with closing(sqlite3.connect(self.folder / "data/ingest.sqlite")) as store, store:
            store.execute(statement)

    def wait_for(self, condition: Callable[[], bool], process: Forked) -> None:
        """While it runs."""
        while not condition():
            assert process.poll() is None, process.err.read_text()
            time.sleep(0.01)

    def counts(self, source: str) -> dict[str, int]:
        """Of its last crawl."""
        counts = dict(
            self.rows("SELECT source, counts FROM crawls WHERE counts IS NOT NULL ORDER BY crawl_id")
        )[source]
        found: dict[str, int] = json.loads(counts)
        return found


@pytest.fixture
def crawler(tmp_path: Path, site: Site, broker: Server) -> Crawler:
    """With a broker and no workers: what is fetched waits."""
    made = Crawler(tmp_path, site)
    made.env["INGEST_BROKER"] = broker.url
    return made
