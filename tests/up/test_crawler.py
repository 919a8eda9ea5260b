"""The process that fetches: there when a source is, and again when it died."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator

import pytest

from tests.crawl.crawler import Crawler
from tests.crawl.site import Site, serving
from tests.up.processes import children_of, command_of, living
from tests.up.service import Up

CRAWLER = "--queues crawl"


@pytest.fixture
def site() -> Iterator[Site]:
    yield from serving(Site("127.0.0.1", stories=12))


def test_a_source_that_is_enabled_while_it_runs_is_crawled(up: Up, site: Site) -> None:
    crawler = Crawler(up.folder, site)
    crawler.source("tidings", "feed", "/feed.xml", every=600, delay=0.1, enabled=False)
    up.env |= {name: value for name, value in crawler.env.items() if name.startswith("INGEST_CRAWL__")}
    up.env |= {
        "INGEST_CRAWL__LOOK_EVERY": "1",
        "INGEST_CRAWL__JITTER": "0",
        "INGEST_CRAWL__RECHECK_AFTER": "1000",
        "INGEST_WORKERS": "1",
        # What the crawler stored, and was killed before it sent, is sent again soon.
        "INGEST_TIME_LIMIT": "2",
        "INGEST_QUEUE__TASK_SECONDS": "2",
        "INGEST_QUEUE__STALE_AFTER": "8",
        "INGEST_QUEUE__SWEEP_EVERY": "1",
    }
    up.start()
    assert not any(CRAWLER in command_of(pid) for pid in children_of(up.process.pid))
    assert site.log == []
    up.command("sources", "enable", "tidings")
    up.until(lambda: len(site.log) > 4)
    group = up.group_of(CRAWLER)
    os.kill(group, signal.SIGKILL)
    up.until(lambda: living({group}) == [])
    up.until(lambda: "crawler was ended by SIGKILL: it is started again" in up.log)
    up.until(lambda: up.log.count("Connected to") == 3)  # the worker, and the crawler twice
    crawler.forget_signs()
    up.until(lambda: crawler.rows("SELECT attempts FROM crawls") == [(2,)])
    up.until_settled(12)
    up.until(lambda: crawler.rows("SELECT state, attempts FROM crawls") == [("done", 2)])
    records = [json.loads(line) for line in up.command("export")[0].splitlines()]
    assert [record["source"] for record in records] == ["tidings"] * 12
    fetched = {url for (url,) in crawler.rows("SELECT url FROM fetches")}
    assert fetched == {f"{site.url}/news/{n}" for n in range(1, 13)}
    assert sum(times - 1 for path, times in site.times.items() if path.startswith("/news/")) <= 1
    assert "Traceback" not in up.log
    assert "scrapy" not in up.log
