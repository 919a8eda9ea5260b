"""Crawls of a site on the loopback, by the command."""

from __future__ import annotations

import gzip
import json
import socket

import pytest

from tests.crawl.crawler import Crawler
from tests.crawl.site import Site, once

HTML = {"Content-Type": "text/html"}


def test_the_first_crawl_takes_all_the_second_next_to_nothing(crawler: Crawler, site: Site) -> None:
    site.stories = 40
    crawler.source("tidings", "sitemap", "/sitemap_index.xml")
    crawler("crawl", "tidings")
    assert crawler.counts("tidings")["new"] == 40
    assert crawler.rows("SELECT count(*), count(DISTINCT dump_id) FROM fetches") == [(40, 40)]
    assert crawler.rows("SELECT DISTINCT state FROM ledger") == [("queued",)]
    assert all(site.times[f"/news/{n}"] == 1 for n in range(1, 41))
    assert {asked.agent for asked in site.log} == {"ingest/0.1 (+tests@example.org)"}
    first = site.sent()
    site.log.clear()
    site.versions[7] = 1
    crawler("crawl", "tidings")
    counted = crawler.counts("tidings")
    assert (counted["changed"], counted["unchanged"]) == (1, 39)
    assert site.sent() - len(gzip.compress(site.story(7))) < 0.1 * first  # 40 small pages; headers weigh
    changed = crawler.rows("SELECT revision, url, headers FROM fetches WHERE revision > 1")
    assert [row[:2] for row in changed] == [(2, f"{site.url}/news/7")]
    assert ["Content-Type", "text/html; charset=utf-8"] in json.loads(changed[0][2])
    assert (
        crawler.rows("SELECT url, source FROM sightings WHERE url LIKE '%/7'")
        == [(f"{site.url}/news/7", "tidings")] * 2
    )


def test_hard_answers(crawler: Crawler, site: Site) -> None:
    """Each page's fate, and why; one never spoils another."""
    with socket.socket() as secret:  # something on the loopback that no setting names
        secret.bind(("127.0.0.1", 0))
        secret.listen()
        inner = f"http://127.0.0.1:{secret.getsockname()[1]}/"
        site.answers |= {
            "/moved": lambda _: (301, {"Location": "/news/1?utm_source=moved"}, b""),
            "/inner": lambda _: (302, {"Location": inner}, b""),
            "/named": lambda _: (302, {"Location": inner.replace("127.0.0.1", "localhost")}, b""),
            "/file": lambda _: (302, {"Location": "file:///etc/passwd"}, b""),
            "/circle": lambda _: (302, {"Location": "/circle?again"}, b""),
            "/busy": once((429, {"Retry-After": "1"}, b""), (200, HTML, site.story(90))),
            "/flaky": once((503, {}, b""), (200, HTML, site.story(91))),
            "/down": lambda _: (500, {}, b""),
            "/gone": lambda _: (410, HTML, b"gone"),
            "/half": lambda _: (200, {**HTML, "Content-Length": "90000"}, site.story(92)),
            "/bomb": lambda _: (200, {**HTML, "Content-Encoding": "gzip"}, gzip.compress(b" " * 30_000_000)),
            "/long": lambda _: (200, {**HTML, "Content-Length": "30000000"}, b""),
            "/film": lambda _: (200, {"Content-Type": "video/mp4"}, b"film"),
            "/latin": lambda _: (
                200,
                {"Content-Type": "text/html; charset=utf-8"},
                "Käse: ß".encode("latin-1"),
            ),
        }
        paths = [*site.answers, "/secret/x"]
        crawler.source("hard", "list", *paths, hosts=["127.0.0.1", "localhost"])
        crawler("crawl", "hard")
        secret.setblocking(False)
        with pytest.raises(BlockingIOError):
            secret.accept()
    counted = crawler.counts("hard")
    del counted["bytes"], counted["requests"]
    assert counted == {
        "new": 4,
        "retries": 4,
        "client_errors": 3,  # gone, in a circle, and to what is no web address
        "server_errors": 1,
        "lost": 1,
        "robots": 1,
        "address": 2,
        "media_type": 1,
        "too_large": 2,
    }
    assert "/secret/x" not in site.paths()
    taken = {url.removeprefix(site.url) for (url,) in crawler.rows("SELECT url FROM sightings")}
    assert taken == {"/news/1", "/busy", "/flaky", "/latin"}
    waits = {url.removeprefix(site.url) for (url,) in crawler.rows("SELECT url FROM addresses WHERE wanted")}
    assert waits == {"/down", "/half", "/secret/x"}
