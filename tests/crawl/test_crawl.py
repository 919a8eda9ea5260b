"""Crawls of a site on the loopback, by the command."""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import time

import brotli
import pytest

from ingest.readers.files import dumps_of
from tests.crawl.crawler import Crawler
from tests.crawl.site import Site, once
from tests.workers.service import Server

HTML = {"Content-Type": "text/html"}
JSON = {"Content-Type": "application/json"}


def test_the_first_crawl_takes_all_the_second_next_to_nothing(crawler: Crawler, site: Site) -> None:
    site.stories = 24
    crawler.source("tidings", "sitemap", "/sitemap_index.xml")
    crawler("crawl", "tidings")
    assert crawler.counts("tidings")["new"] == 24
    assert crawler.rows("SELECT count(*), count(DISTINCT dump_id) FROM fetches") == [(24, 24)]
    assert crawler.rows("SELECT DISTINCT state FROM ledger") == [("queued",)]
    assert all(site.times[f"/news/{n}"] == 1 for n in range(1, 25))
    assert {asked.agent for asked in site.log} == {"ingest/0.1 (+tests@example.org)"}
    first = site.sent()
    site.log.clear()
    site.versions[7] = 1
    crawler("crawl", "tidings")
    counted = crawler.counts("tidings")
    assert (counted["changed"], counted["unchanged"]) == (1, 23)
    assert site.sent() - len(gzip.compress(site.story(7))) < 0.1 * first  # small pages; headers weigh
    changed = crawler.rows("SELECT revision, url, headers FROM fetches WHERE revision > 1")
    assert [row[:2] for row in changed] == [(2, f"{site.url}/news/7")]
    assert ["Content-Type", "text/html; charset=utf-8"] in json.loads(changed[0][2])
    assert (
        crawler.rows("SELECT url, source FROM sightings WHERE url LIKE '%/7'")
        == [(f"{site.url}/news/7", "tidings")] * 2
    )


def test_hard_answers(crawler: Crawler, site: Site) -> None:
    """Each page's fate, and why; one never spoils another."""
    spaces = b" " * 30_000_000
    gzip_bomb, brotli_bomb = gzip.compress(spaces, 1), brotli.compress(spaces, quality=1)
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
            "/link-local": lambda _: (302, {"Location": "http://169.254.169.254/latest/meta-data/"}, b""),
            "/mapped": lambda _: (302, {"Location": inner.replace("127.0.0.1", "[::ffff:127.0.0.1]")}, b""),
            "/number": lambda _: (302, {"Location": inner.replace("127.0.0.1", "2130706433")}, b""),
            "/password": lambda _: (302, {"Location": f"http://me:word@{site.host}:{site.port}/news/2"}, b""),
            "/elsewhere": lambda _: (302, {"Location": "http://example.org/"}, b""),
            "/hidden": lambda _: (302, {"Location": "/secret/y"}, b""),
            "/again": lambda _: (302, {"Location": "/latin#top"}, b""),
            "/busy": once((429, {"Retry-After": "1", **JSON}, b"{}"), (200, HTML, site.story(90))),
            "/flaky": once((503, {}, b""), (200, HTML, site.story(91))),
            "/down": lambda _: (500, {}, b""),
            "/gone": lambda _: (410, JSON, b"{}"),
            "/shielded": lambda _: (403, HTML, b"are you a person?"),
            "/slow": lambda _: (200, HTML, [b"<p>slow</p>"] * 9),
            "/half": lambda _: (200, {**HTML, "Content-Length": "90000"}, site.story(92)),
            "/bomb": lambda _: (200, {**HTML, "Content-Encoding": "gzip"}, gzip_bomb),
            "/brotli-bomb": lambda _: (
                200,
                {**HTML, "Content-Encoding": "br"},
                brotli_bomb,
            ),
            "/long": lambda _: (200, {**HTML, "Content-Length": "30000000"}, b""),
            "/film": lambda _: (200, {"Content-Type": "video/mp4"}, b"film"),
            "/latin": lambda _: (
                200,
                {"Content-Type": "text/html; charset=utf-8"},
                "Käse: ß".encode("latin-1"),
            ),
        }
        paths = [*site.answers, "/secret/x"]
        hosts = ["127.0.0.1", "localhost", "169.254.169.254", "::ffff:127.0.0.1", "2130706433"]
        crawler.source("hard", "list", *paths, hosts=hosts)
        crawler("crawl", "hard")
        secret.setblocking(False)
        with pytest.raises(BlockingIOError):
            secret.accept()
    counted = crawler.counts("hard")
    del counted["bytes"], counted["requests"]
    assert counted == {
        "new": 4,
        "known": 1,
        "retries": 5,
        "client_errors": 4,  # gone, shielded, in a circle, and to what is no web address
        "server_errors": 1,
        "lost": 2,  # the half one, and the slow one
        "robots": 2,
        "address": 5,
        "offsite": 2,
        "media_type": 1,
        "too_large": 3,
    }
    assert not {"/secret/x", "/secret/y"} & set(site.paths())
    assert site.times["/busy"] == 2
    taken = {url.removeprefix(site.url) for (url,) in crawler.rows("SELECT url FROM sightings")}
    assert taken == {"/news/1", "/busy", "/flaky", "/latin"}
    waits = {url.removeprefix(site.url) for (url,) in crawler.rows("SELECT url FROM addresses WHERE wanted")}
    assert waits == {"/down", "/half", "/slow", "/shielded", "/hidden", "/secret/x"}


def test_whoever_was_taken_for_dead_ends(crawler: Crawler, site: Site) -> None:
    """Stopped for longer than it may be silent, while another process took its crawl over."""
    site.stories = 40
    crawler.source("tidings", "feed", "/feed.xml", delay=0.2)
    crawler.env["INGEST_CRAWL__STALE_AFTER"] = "2"
    process = crawler.start("crawl", "tidings")
    while len(site.log) < 5:
        assert process.poll() is None
        time.sleep(0.01)
    crawler.write("UPDATE crawls SET holder = 'another'")
    assert process.wait() == 1
    assert "another process took it over" in process.err.read_text()
    assert len(site.log) < 42
    assert crawler.rows("SELECT state FROM crawls") == [("running",)]


def test_without_the_broker_requests_wait_for_it(crawler: Crawler, site: Site, broker: Server) -> None:
    site.stories = 20
    crawler.source("tidings", "feed", "/feed.xml", delay=0.05)
    process = crawler.start("crawl", "tidings")
    while len(site.log) < 5:
        assert process.poll() is None
        time.sleep(0.01)
    broker.kill()
    broker.start()
    process.wait()  # with 1 where a message was cut off in the middle: its page is stored, the sweeper sends it again
    assert crawler.rows("SELECT count(*), count(DISTINCT dump_id) FROM fetches") == [(20, 20)]
    assert crawler.rows("SELECT count(*) FROM addresses WHERE wanted") == [(0,)]


def test_what_we_cannot_keep_fails_the_crawl(crawler: Crawler, site: Site) -> None:
    site.stories = 2
    crawler.source("tidings", "feed", "/feed.xml")
    crawler.env["INGEST_CRAWL__WARC"] = "true"
    (crawler.folder / "data").mkdir()
    (crawler.folder / "data/warc").touch()  # where the folder should be
    assert "tidings: 1 answers were lost, as " in crawler("crawl", code=1)[1]
    assert crawler.rows("SELECT state FROM crawls") == [("failed",)]


def test_a_feed_with_full_texts_and_a_file_of_all_responses(crawler: Crawler, site: Site) -> None:
    site.stories = 5
    feed = site.feed(full=True)
    site.answers["/full.xml"] = lambda headers: site.validated(headers, feed, "application/rss+xml")
    crawler.source("wire", "feed", "/full.xml")
    crawler.env["INGEST_CRAWL__WARC"] = "true"
    crawler("crawl", "wire")
    assert (crawler.counts("wire")["new"], crawler.counts("wire")["entries"]) == (5, 5)
    linked = """SELECT a.url, b.url FROM fetches a JOIN addresses b ON b.source = a.source AND b.key = a.page_key
        JOIN sightings s ON s.dump_id = a.dump_id ORDER BY a.fetch_id"""
    assert crawler.rows(linked) == [(f"{site.url}/full.xml", f"{site.url}/news/{n}") for n in range(1, 6)]
    site.log.clear()
    crawler("crawl", "wire")
    assert {asked.status for asked in site.log if asked.path != "/robots.txt"} == {304}
    [file] = (crawler.folder / "data/warc").iterdir()
    kept = {(dump.url, dump.payload) for dump in dumps_of([str(file)], payload_bytes=10**7)}
    assert kept == {(f"{site.url}/news/{n}", site.story(n)) for n in range(1, 6)}  # the feed in it is no page


def test_a_crawl_that_ends_early_is_gone_on_with(crawler: Crawler, site: Site) -> None:
    """At its limit, and killed at any moment: nothing is fetched twice but what was under way, nothing is lost."""
    site.stories = 30
    crawler.source("tidings", "feed", "/feed.xml", pages=6, delay=0.03)
    crawler("crawl", "tidings")
    assert crawler.counts("tidings")["new"] == 5
    crawler.sources.write_text(crawler.sources.read_text().replace("pages = 6", "pages = 99"))
    crawler.env["INGEST_CRAWL__RECHECK_AFTER"] = "1000"
    for taken, number, code in ((12, signal.SIGINT, 130), (22, signal.SIGKILL, -9)):
        process = crawler.start("crawl", "tidings")
        while len(set(site.paths())) < taken:
            assert process.poll() is None
            time.sleep(0.01)
        os.kill(process.pid, number)
        assert process.wait() == code
    crawler("crawl", "tidings", code=1)  # it may live
    crawler.forget_signs()
    crawler("crawl", "tidings")
    assert crawler.rows("SELECT count(DISTINCT url) FROM fetches") == [(30,)]
    assert crawler.rows("SELECT count(*) FROM addresses WHERE wanted") == [(0,)]
    again = [path for path, times in site.times.items() if path.startswith("/news/") and times > 1]
    assert len(again) <= 1  # what was under way, however slow the store is
    assert crawler.rows("SELECT count(*) FROM dumps") == [(30,)]


def test_a_look_stores_nothing(crawler: Crawler, site: Site) -> None:
    site.robots = "User-agent: *\nDisallow: /news/3$\n"
    crawler.source("tidings", "feed", "/feed.xml")
    out, err = crawler("sources", "check", "tidings")
    assert f"would be fetched\t{site.url}/news/1\n" in out
    assert f"refused: robots\t{site.url}/news/3\n" in out
    assert "12 pages found, 11 would be fetched; nothing was stored" in err
    assert site.paths() == ["/robots.txt", "/feed.xml"]
    assert (
        crawler.rows("SELECT count(*) FROM addresses") == crawler.rows("SELECT count(*) FROM dumps") == [(0,)]
    )


def test_adding_finds_feeds(crawler: Crawler, site: Site) -> None:
    site.robots = f"User-agent: *\nSitemap: {site.url}/sitemap_index.xml\n"
    home = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>'
    site.answers["/"] = lambda _: (200, HTML, home.encode())
    out, err = crawler("sources", "add", site.url, "--name", "tidings", "--every", "15")
    assert out == f"tidings\tfeed\tevery 15 min\t{site.url}/feed.xml\n"
    assert f"sitemap with 2 links: {site.url}/sitemap_index.xml" in err
    assert crawler("sources", "list")[0].startswith("enabled\tfeed\tevery 15 min\ttidings\t")
    assert crawler("sources", "status")[0] == "ok\tnever\t0/- a day\t- copies\t- empty\tno errors\ttidings\n"


def test_without_a_broker_what_came_is_cleaned_here(crawler: Crawler, site: Site) -> None:
    """And what its pages repeat is learned as the source's."""
    banner = "Tidings of the coast and its islands, since 1921"
    plain = {"Content-Type": "text/plain"}
    for n in range(1, 7):
        text = f"{banner}\n{site.words(n)}".encode()
        site.answers[f"/{n}.txt"] = lambda _, text=text: (200, plain, text)
    del crawler.env["INGEST_BROKER"]
    crawler.env["INGEST_WORKERS"] = "1"
    crawler.source("tidings", "list", *site.answers)
    crawler("crawl")
    records = [json.loads(line) for line in crawler("export")[0].splitlines()]
    pages = {("tidings", f"{site.url}{path}") for path in site.answers}
    assert {(record["source"], record["url"]) for record in records} == pages
    assert f"\t{banner}" in crawler("sites", "show", "tidings")[0]
