"""The crawler's promises on more than the tests have time for: python -m tests.crawl.large

A site of 300 pages, whose crawl is killed again and again; then 60 sources on 50 hosts and two crawlers beside each
other.  Prints what was measured, and fails where a promise is not kept.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path

from tests.crawl.crawler import Crawler
from tests.crawl.site import Asked, Site, serving
from tests.workers.service import Server

KILLS = 8
SOURCES, HOSTS, PAGES, DELAY = 60, 50, 4, 0.5
_QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def main() -> int:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ingest-")))
        broker = stack.enter_context(_broker())
        (folder / "one").mkdir()
        (folder / "many").mkdir()
        sites = [stack.enter_context(contextmanager(serving)(Site("127.0.0.1", stories=300)))]
        kept = killed_again_and_again(_crawler(folder / "one", sites[0], broker), sites[0])
        for n in range(HOSTS):
            sites.append(
                stack.enter_context(contextmanager(serving)(Site(f"127.0.1.{n + 1}", stories=PAGES)))
            )
        kept &= many_at_once(_crawler(folder / "many", sites[1], broker), sites[1:])
    return 0 if kept else 1


def killed_again_and_again(crawler: Crawler, site: Site) -> bool:
    crawler.env |= {"INGEST_CRAWL__STALE_AFTER": "0.1", "INGEST_CRAWL__RECHECK_AFTER": "1000"}
    crawler.source("tidings", "sitemap", "/sitemap_index.xml", delay=0.01)
    chance = random.Random(7)  # noqa: S311
    for _ in range(KILLS):
        process = crawler.start("crawl", "tidings", **_QUIET)
        time.sleep(1.5 + chance.random())
        process.kill()
        process.wait()
        time.sleep(1.1)
    crawler("crawl", "tidings")
    pages = {path: times for path, times in site.times.items() if path.startswith("/news/")}
    twice = sum(times - 1 for times in pages.values())
    [(stored, addresses)] = crawler.rows("SELECT count(DISTINCT dump_id), count(DISTINCT url) FROM fetches")
    first = site.sent()
    print(
        f"killed {KILLS} times: {stored} dumps of {addresses} addresses, {twice} fetched twice, {first} bytes"
    )
    site.log.clear()
    site.versions[7] += 1
    crawler.env["INGEST_CRAWL__RECHECK_AFTER"] = "0"
    crawler("crawl", "tidings")
    counted = crawler.counts("tidings")
    changed = max(asked.sent for asked in site.log if asked.path == "/news/7")
    again = site.sent() - changed
    print(
        f"again: {counted['unchanged']} unchanged, {counted['changed']} changed, {again / first:.2%} of the bytes"
    )
    found = stored, addresses, twice <= KILLS, counted["unchanged"], counted["changed"], len(pages)
    return found == (300, 300, True, 299, 1, 300)


def many_at_once(crawler: Crawler, sites: list[Site]) -> bool:
    crawler.env["INGEST_CRAWL__PRIVATE_HOSTS"] = str([site.host for site in sites]).replace("'", '"')
    names = [f"s{n}" for n in range(SOURCES)]
    for n, name in enumerate(names):
        site = sites[n % HOSTS]
        urls = [f"{site.url}/news/{k + 1}" for k in range(PAGES)]
        crawler.source(name, "list", urls=urls, delay=DELAY)
    began = time.monotonic()
    # The sources that share a host are in different processes.
    halves = names[:30], names[30:]
    processes = [crawler.start("crawl", *half, **_QUIET) for half in halves]
    codes = [process.wait() for process in processes]
    took = time.monotonic() - began
    gaps = [gap for site in sites for gap in _gaps(site.log)]
    requests = sum(len(site.log) for site in sites)
    print(
        f"{SOURCES} sources, {HOSTS} hosts, 2 crawlers: {requests} requests in {took:.1f} s, nearest {min(gaps):.3f} s"
    )
    fetched = crawler.rows("SELECT count(*) FROM fetches") == [(SOURCES * PAGES,)]
    return codes == [0, 0] and fetched and min(gaps) >= DELAY


def _gaps(log: list[Asked]) -> list[float]:
    asked = sorted(log, key=lambda one: one.began)
    return [after.began - before.began for before, after in pairwise(asked)]


def _crawler(folder: Path, site: Site, broker: Server) -> Crawler:
    made = Crawler(folder, site)
    made.env["INGEST_BROKER"] = broker.url
    return made


@contextmanager
def _broker() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="ingest-"))
    server = Server(folder)
    yield server
    server.kill()
    shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
