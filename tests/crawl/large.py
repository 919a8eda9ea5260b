"""The crawler's promises on more than the tests have time for: python -m tests.crawl.large [PAGES]

A site of 300 pages (of PAGES, a page set as benchmarks/pageset.py reads it, else made up) with all that makes a
crawler's life hard, whose crawl is killed again and again; then 60 sources on 50 hosts and two crawlers beside each
other.  Prints what was measured, and fails where a promise is not kept.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path

import ingest
from benchmarks.pageset import read_html, read_pages
from tests.crawl.crawler import Crawler
from tests.crawl.site import Asked, Site, serving
from tests.workers.service import Server, serving_broker

STORIES, KILLS, LONGEST_DELAY = 300, 8, 1.0
SOURCES, HOSTS, PAGES, DELAY = 60, 50, 4, 0.5
MONTHS = 20  # of the endless calendar that are read


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", type=Path, nargs="?", help="a page set; without it pages are made up")
    pages = _pages(parser.parse_args().pages)
    with ExitStack() as stack:

        def serve(host: str, stories: int) -> Site:
            return stack.enter_context(contextmanager(serving)(Site(host, stories=stories)))

        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ingest-")))
        broker = stack.enter_context(serving_broker())
        site = serve("127.0.0.1", STORIES)
        site.pages = pages
        kept = hard_site(_crawler(folder / "one", site, broker), site)
        sites = [serve(f"127.0.1.{n + 1}", PAGES) for n in range(HOSTS)]
        kept &= many_at_once(_crawler(folder / "many", sites[0], broker), sites)
    return 0 if kept else 1


def hard_site(crawler: Crawler, site: Site) -> bool:
    """Each promise with what was measured of it."""
    crawler.env |= {"INGEST_CRAWL__RECHECK_AFTER": "1000", "INGEST_CRAWL__RETRIES": "2"}
    site.robots = "User-agent: *\nCrawl-delay: 0.05\nDisallow: /secret/\n"
    site.moved = range(10, STORIES + 1, 10)
    troubled = _make_trouble(site)
    secret = socket.create_server(("127.0.0.1", 0))  # a port that no setting names
    secret.setblocking(False)
    inner = f"http://127.0.0.1:{secret.getsockname()[1]}/"
    site.answers["/inner"] = lambda _: (302, {"Location": inner}, b"")
    crawler.source("tidings", "sitemap", "/sitemap_index.xml")
    crawler.source("odds", "list", "/inner", "/secret/1", "/secret/2")
    crawler.source(
        "calendar", "section", "/calendar/1", depth=MONTHS, articles=["^/news/"], follow=["^/calendar/"]
    )
    kept = _first(crawler, site, troubled)
    kept &= _again(crawler, site)
    crawler("crawl", "odds", "calendar")
    months = {path for path in site.paths() if path.startswith("/calendar/")}
    odds = crawler.counts("odds")
    print(f"an endless calendar: {len(months)} months were read, {MONTHS + 1} allowed")
    forbidden = [path for path in site.paths() if path.startswith("/secret/")]
    print(
        f"disallowed: {len(forbidden)} requests, {odds['robots']} refused; redirect to another port: {odds['address']} refused"
    )
    try:
        secret.accept()
        kept = False
    except BlockingIOError:
        secret.close()
    kept &= (len(months), forbidden, odds["robots"], odds["address"]) == (MONTHS + 1, [], 2, 1)
    site.log.clear()
    site.robots = f"User-agent: *\nCrawl-delay: {LONGEST_DELAY:g}\n"
    crawler.source("slow", "list", *(f"/news/{n}" for n in range(1, 6)))
    crawler("crawl", "slow")
    nearest = min(_gaps(site.log))
    print(f"Crawl-delay {LONGEST_DELAY:g} s: {len(site.log)} requests, nearest {nearest:.3f} s")
    return kept and nearest >= LONGEST_DELAY


def _first(crawler: Crawler, site: Site, troubled: Counter[str]) -> bool:
    chance = random.Random(7)  # noqa: S311
    began = time.monotonic()
    for _ in range(KILLS):
        process = crawler.start("crawl", "tidings")
        asked = len(site.log) + chance.randrange(10, 50)
        crawler.wait_for(lambda asked=asked: len(site.log) >= asked, process)
        process.kill()
        process.wait()
        crawler.forget_signs()
    crawler("crawl", "tidings")
    took = time.monotonic() - began
    news = Counter({path: times for path, times in site.times.items() if path.startswith("/news/")})
    in_hand = sum((news - troubled).values()) - STORIES
    [(stored, addresses)] = crawler.rows(
        "SELECT count(DISTINCT dump_id), count(DISTINCT url) FROM fetches WHERE url LIKE '%/news/%'"
    )
    print(
        f"first crawl, killed {KILLS} times, {took:.0f} s: {stored} dumps of {addresses} addresses, {site.sent()} bytes; "
        f"{in_hand} asked for once more, in hand at a kill; nearest {min(_gaps(site.log)):.3f} s of a Crawl-delay of 0.05 s"
    )
    answers = Counter(asked.status for asked in site.log)
    packed = Counter(asked.encoding or "plain" for asked in site.log if asked.path.startswith("/news/"))
    print(f"answers: {dict(sorted(answers.items()))}, encodings: {dict(packed)}")
    wrong = [n for n in range(1, STORIES + 1) if site.pages and n % 7 in (0, 3)]
    as_sent, right = (sum(told(crawler, site, n) for n in wrong) for told in (_is_as_sent, _is_right))
    print(f"wrong charsets: {as_sent} of {len(wrong)} stored as sent, {right} cleaned as with the right one")
    found = stored, addresses, len(news), in_hand <= KILLS, as_sent, min(_gaps(site.log)) >= 0.05
    return found == (STORIES, STORIES, STORIES, True, len(wrong), True)


def _again(crawler: Crawler, site: Site) -> bool:
    first = site.sent()
    site.log.clear()
    site.versions[8] += 1
    crawler.env["INGEST_CRAWL__RECHECK_AFTER"] = "0"
    crawler("crawl", "tidings")
    counted = crawler.counts("tidings")
    again = site.sent() - max(asked.sent for asked in site.log if asked.path == "/news/8")
    revisions = crawler.rows("SELECT url FROM fetches WHERE revision > 1")
    print(
        f"again: {counted['unchanged']} unchanged, {counted['changed']} changed, {again / first:.2%} of the bytes; "
        f"answers: {dict(Counter(asked.status for asked in site.log))}; revisions: {len(revisions)}"
    )
    return again < 0.02 * first and revisions == [(f"{site.url}/news/8",)]


def _make_trouble(site: Site) -> Counter[str]:
    """First answers that are none, of two stories in twenty-five each.  -> paths that have to be asked once more."""
    html = {"Content-Type": "text/html"}
    for n in range(1, STORIES + 1):
        answer = {
            1: (503, {}, b""),
            6: (429, {"Retry-After": "1"}, b""),
            11: (200, {**html, "Content-Length": "90000"}, b"<p>half of it"),
            16: (200, html, [b"<p>slowly</p>"] * 9),
        }.get(n % 25)
        if answer:
            site.troubles[f"/news/{n}"] = lambda answer=answer: answer
    return Counter(site.troubles.keys())


def _is_as_sent(crawler: Crawler, site: Site, number: int) -> bool:
    dump_id = hashlib.sha256(site.said(number)[0]).hexdigest()
    return crawler.rows(f"SELECT count(*) FROM dumps WHERE dump_id = '{dump_id}'") == [(1,)]  # noqa: S608


def _is_right(_: Crawler, site: Site, number: int) -> bool:
    payload, media_type = site.said(number)
    url = f"{site.url}/news/{number}"
    as_sent = ingest.clean(payload, media_type=media_type, url=url)
    right = ingest.clean(site.story(number).decode(), media_type="text/html", url=url)
    return [article.text for article in as_sent.articles] == [article.text for article in right.articles]


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
    processes = [crawler.start("crawl", *half) for half in halves]
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


def _pages(folder: Path | None) -> Sequence[bytes]:
    if folder is None:
        return ()
    found = (read_html(folder, page).encode() for page in read_pages(folder, "article"))
    return list(dict.fromkeys(html for html in found if len(html) < 2_000_000))[:STORIES]


def _crawler(folder: Path, site: Site, broker: Server) -> Crawler:
    folder.mkdir()
    made = Crawler(folder, site)
    made.env["INGEST_BROKER"] = broker.url
    return made


if __name__ == "__main__":
    sys.exit(main())
