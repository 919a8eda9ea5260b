"""What a host may expect: to know who asks, pauses, its robots.txt, to be left alone."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from tests.crawl.crawler import Crawler
from tests.crawl.site import Asked, Site, once, serving
from tests.patience import PATIENCE


@pytest.fixture
def other() -> Iterator[Site]:
    yield from serving(Site("127.0.0.2", stories=2))


def gaps(log: list[Asked]) -> list[float]:
    """Seconds between the beginnings of requests."""
    asked = sorted(log, key=lambda one: one.began)
    return [after.began - before.began for before, after in pairwise(asked)]


def test_who_fetches_says_who_he_is(crawler: Crawler, site: Site) -> None:
    contact = crawler.env.pop("INGEST_CRAWL__CONTACT")
    crawler.source("tidings", "feed", "/feed.xml")
    for command in (("crawl",), ("sources", "check", "tidings"), ("sources", "add", site.url)):
        assert "set INGEST_CRAWL__CONTACT" in crawler(*command, code=2)[1]
    assert site.log == []
    out, err = crawler("sources", "status")
    assert "\tnothing is fetched without a contact: set INGEST_CRAWL__CONTACT" in out
    assert "set INGEST_CRAWL__CONTACT" in err
    crawler.env["INGEST_CRAWL__CONTACT"] = contact
    crawler("crawl")
    assert {asked.agent for asked in site.log} == {"ingest/0.1 (+tests@example.org)"}


def test_a_trap_ends_at_its_limit_and_pauses_are_kept(crawler: Crawler, site: Site) -> None:
    site.stories, site.robots = 3, "User-agent: ingest\nCrawl-delay: 0.2\nDisallow: /news/2\n"
    patterns = {"articles": ["^/news/"], "follow": ["^/calendar/"]}
    crawler.source("months", "section", "/calendar/1", depth=4, **patterns)
    crawler("crawl", "months")
    months = [f"/calendar/{month}" for month in range(1, 6)]
    assert sorted(set(site.paths())) == [*months, "/news/1", "/news/3", "/robots.txt"]
    assert crawler.counts("months")["robots"] == 1
    assert min(gaps(site.log)) >= 0.2  # also from robots.txt, which says so, to the first page


def test_two_crawlers_share_the_pauses_of_a_host(crawler: Crawler, site: Site) -> None:
    for name in ("one", "two", "three"):
        crawler.source(name, "list", *(f"/news/{n}" for n in range(1, 6)), delay=0.1)
    processes = [crawler.start("crawl", *names) for names in (("one",), ("two", "three"))]
    assert [process.wait() for process in processes] == [0, 0]
    assert len(site.log) == 18  # robots.txt once for each source
    assert min(gaps(site.log)) >= 0.1


def test_a_crawl_ends_in_time_however_long_the_pauses_are(crawler: Crawler, site: Site) -> None:
    site.robots = "User-agent: *\nCrawl-delay: 20\n"
    crawler.source("tidings", "feed", "/feed.xml")
    crawler.env["INGEST_CRAWL__RUN_SECONDS"] = "10"
    assert f"the crawl ends before {site.host} may be asked again" in crawler("crawl", code=1)[1]
    assert site.paths() == ["/robots.txt"]
    del crawler.env["INGEST_CRAWL__RUN_SECONDS"], crawler.env["INGEST_BROKER"]  # which has the pause still
    process = crawler.start("crawl")
    while len(site.log) < 2:
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    assert site.paths() == ["/robots.txt"] * 2


def test_who_asks_to_be_left_alone_is_left_alone_by_all(crawler: Crawler, site: Site, other: Site) -> None:
    site.answers["/feed.xml"] = lambda _: (503, {"Retry-After": "3600", "Content-Type": "image/png"}, b"")
    crawler.env["INGEST_CRAWL__PRIVATE_HOSTS"] = json.dumps([site.host, other.host])
    crawler.source("down", "feed", "/feed.xml?api_key=hush")
    crawler.source("down-too", "list", "/news/1")
    crawler.source("up", "feed", urls=[f"{other.url}/feed.xml"])
    _, err = crawler("crawl", "down", "up", code=1)
    assert f"down: nothing that lists pages could be had: {site.url}/feed.xml?api_key=***: 503" in err
    assert site.paths() == ["/robots.txt", "/feed.xml"]
    assert crawler.counts("up")["new"] == 2
    ended = [("down", "failed"), ("up", "done")]
    assert crawler.rows("SELECT source, state FROM crawls ORDER BY source") == ended
    crawler("crawl", "down-too")
    assert crawler.counts("down-too") == {"limit": 1}
    assert "asked to be left alone" in crawler("crawl", "down", code=1)[1]
    assert len(site.log) == 2


def test_robots_txt_is_obeyed_wherever_it_stands(crawler: Crawler, site: Site, other: Site) -> None:
    crawler.env["INGEST_CRAWL__PRIVATE_HOSTS"] = json.dumps([f"{s.host}:{s.port}" for s in (site, other)])
    other.robots = "User-agent: *\nDisallow: /news/2\n"
    to = [f"{other.url}/robots.txt", f"http://127.0.0.3:{other.port}/robots.txt"]  # which is not allowed
    site.answers["/robots.txt"] = once((302, {"Location": to[0]}, b""), (302, {"Location": to[1]}, b""))
    crawler.source("tidings", "list", "/news/1", "/news/2")
    crawler("crawl")
    assert (crawler.counts("tidings")["new"], crawler.counts("tidings")["robots"]) == (1, 1)
    crawler("crawl")
    assert crawler.counts("tidings")["robots"] == 2
    site.answers["/robots.txt"] = lambda _: (500, {}, b"")
    crawler("crawl")
    assert crawler.counts("tidings")["robots"] == 2
    assert site.paths().count("/news/1") == 1
    assert "/news/2" not in site.paths()


def test_a_redirect_leads_to_where_a_link_might(crawler: Crawler, site: Site) -> None:
    site.stories = 3
    site.answers["/news/2"] = lambda _: (302, {"Location": "/subscribe"}, b"")
    crawler.source("tidings", "feed", "/feed.xml", paths=["^/news/"])
    crawler("crawl")
    assert (crawler.counts("tidings")["new"], crawler.counts("tidings")["offsite"]) == (2, 1)
    assert "/subscribe" not in site.paths()
