"""Links of what lists pages, each once and in its normal form; bytes in, links out."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.crawl.listings import Link, links_in
from ingest.crawl.scrapysettings import scrapy_settings
from ingest.crawl.source import Kind, Source
from ingest.errors import UnusableDump
from ingest.settings import Crawl, Settings

URL = "https://www.example.org/listing"
SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def links(kind: Kind, body: str | bytes, **more: Any) -> list[Link]:
    source = Source(name="wire", kind=kind, urls=(URL,), **more)
    return links_in(source, body.encode() if isinstance(body, str) else body, URL, 100_000)


def urls(kind: Kind, body: str | bytes, **more: Any) -> list[str]:
    return [link.url.removeprefix("https://www.example.org") for link in links(kind, body, **more)]


def test_feeds() -> None:
    rss = """<rss version="2.0"><channel>
        <item><link>/a?utm_source=rss</link></item><item><link>https://www.example.org/a#top</link></item>
        <item><link>https://elsewhere.example/b</link></item><item><link>javascript:alert(1)</link></item>
        <item><title>without</title></item></channel></rss>"""
    assert urls("feed", rss) == ["/a"]
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="/a"/>
        <updated>2026-11-24T10:00:00Z</updated></entry></feed>"""
    changed = datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert links("feed", atom) == [Link("https://www.example.org/a", changed)]
    items = [{"url": "/a"}, {"external_url": "/b", "date_modified": "2026-11-24T10:00:00Z"}, "none", {}]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": items}
    assert links("feed", json.dumps(feed)) == [
        Link("https://www.example.org/a"),
        Link("https://www.example.org/b", changed),
    ]


def test_sitemaps_and_their_indexes() -> None:
    news = f"""<urlset {SITEMAP} xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>
        <loc>https://www.example.org/a</loc><news:news><news:title>A</news:title></news:news></url>
        <url><loc>https://www.example.org/b</loc><lastmod>2026-11-24</lastmod></url></urlset>"""
    for body in (news.encode(), gzip.compress(news.encode())):
        assert links("sitemap", body) == [
            Link("https://www.example.org/a"),
            Link("https://www.example.org/b", datetime(2026, 11, 24, tzinfo=UTC)),
        ]
    assert urls("sitemap", news, paths=["^/b"]) == ["/b"]


def test_a_map_that_changed_today_may_have_changed_since_it_was_read() -> None:
    index = f"""<sitemapindex {SITEMAP}><sitemap><loc>https://www.example.org/today.xml</loc>
        <lastmod>2026-11-24</lastmod></sitemap>
        <sitemap><loc>https://elsewhere.example/map.xml</loc></sitemap></sitemapindex>"""
    [today] = links("sitemap", index)
    assert today.is_listing
    assert today.changed == datetime(2026, 11, 25, 12, tzinfo=UTC)  # the end of the day, wherever the site is


def test_sections_and_lists() -> None:
    page = '<a href="/2026/a">A</a><a href="?page=2">next</a><a href="/about">us</a><a>none</a>'
    found = links("section", page, articles=["^/[0-9]{4}/"], follow=["page="])
    assert found == [
        Link("https://www.example.org/2026/a"),
        Link("https://www.example.org/listing?page=2", is_listing=True),
    ]
    assert urls("list", "https://www.example.org/a\n\n/b\n") == ["/a", "/b"]


@pytest.mark.parametrize("kind", ["feed", "sitemap"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body><p>Not found</p></body></html>",
        b"\x1f\x8b broken",
        gzip.compress(b" " * 200_000),  # more than is taken
        b'{"version": "https://jsonfeed.org/version/1.1"}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_listing_is_said_to_be_none(kind: Kind, body: bytes) -> None:
    with pytest.raises(UnusableDump):
        links(kind, body)


@pytest.mark.parametrize(("kind", "root", "item"), [("feed", "rss", "item"), ("sitemap", "urlset", "url")])
def test_entities_are_neither_fetched_nor_multiplied(kind: Kind, root: str, item: str) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    body = f"""<!DOCTYPE x [<!ENTITY e0 "0123456789">{entities}<!ENTITY file SYSTEM "file:///etc/hostname">]>
        <{root} version="2.0"><channel><{item}><link>/a&e9;&file;</link><loc>/a&e9;&file;</loc></{item}></channel></{root}>"""
    assert all(len(url) < 100 for url in urls(kind, body))


def test_of_scrapys_extensions_only_ours_run() -> None:
    """Others listen on ports and run the code that comes."""
    settings = scrapy_settings(Settings(crawl=Crawl(contact="tests@example.org")))
    assert list(settings.getwithbase("EXTENSIONS")) == ["scrapy.extensions.throttle.AutoThrottle"]
