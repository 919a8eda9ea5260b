"""Finding the feeds and sitemaps of a site: what its page links to, what robots.txt names, and the usual places."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from resiliparse.parse.html import HTMLTree
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.sitemap import sitemap_urls_from_robots

from ingest.crawl.answers import reason_of, why_of
from ingest.crawl.listings import links_in
from ingest.crawl.source import Kind, Source
from ingest.crawl.spider import SourceSpider
from ingest.crawl.urls import address_of
from ingest.errors import UnusableDump, UsageError

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/json")
_USUAL = ("/feed", "/rss.xml", "/sitemap.xml")  # asked for where the site names none
_MOST = 20  # candidates that are looked at


@dataclass(frozen=True, slots=True)
class Found:
    """A listing, and how many pages or further listings it names."""

    kind: Kind
    url: str
    links: int


class Seeker(SourceSpider):
    """Of a provisional source, whose one url is the site's."""

    found: list[Found]

    async def start(self) -> AsyncIterator[Any]:
        self.found = []
        yield self._candidate(self.source.urls[0], self.parse_site)

    async def parse_site(self, response: Response, url: str) -> AsyncIterator[Any]:
        where = address_of(response.url) or url
        if self._note(response.body, where):
            return
        robots = urljoin(where, "/robots.txt")
        request = self._candidate(robots, self.parse_robots, feeds=_feeds_in(response.body, where))
        yield request.replace(meta={**request.meta, "dont_obey_robotstxt": True}, errback=self.no_robots)

    async def parse_robots(self, response: Response, url: str, feeds: list[str]) -> AsyncIterator[Any]:
        named = [address_of(said, url) for said in sitemap_urls_from_robots(response.body, url)]
        for request in self._looks(url, [*feeds, *filter(None, named)]):
            yield request

    async def no_robots(self, failure: Any) -> AsyncIterator[Any]:
        arguments = failure.request.cb_kwargs
        for request in self._looks(arguments["url"], arguments["feeds"]):
            yield request

    async def parse_candidate(self, response: Response, url: str) -> None:
        self._note(response.body, address_of(response.url) or url)

    async def failed(self, failure: Any) -> None:
        if failure.request.callback == self.parse_site:
            reason, status = reason_of(failure.value)
            self.trouble.append(str(status) if status else why_of(failure.value, reason))

    def _looks(self, base: str, candidates: list[str]) -> list[Request]:
        usual = [urljoin(base, path) for path in _USUAL]
        chosen = [url for url in dict.fromkeys(candidates or usual) if self.source.is_on(url)]
        return [self._candidate(url, self.parse_candidate) for url in chosen[:_MOST]]

    def _candidate(self, url: str, callback: Any, **arguments: Any) -> Request:
        return Request(
            url,
            callback=callback,
            errback=self.failed,
            cb_kwargs={"url": url, **arguments},
            meta={"is_page": False},
        )

    def _note(self, body: bytes, url: str) -> bool:
        """Whether it is a feed or a sitemap."""
        for kind in ("feed", "sitemap"):
            source = Source(name="x", kind=kind, urls=(url,), hosts=self.source.domains)
            try:
                links = links_in(source, body, url, self.limits.body_bytes)
            except UnusableDump:
                continue
            if links:
                self.found.append(Found(kind, url, len(links)))
                return True
        return False


def source_from(name: str, found: list[Found], kind: Kind | None, every: float | None) -> Source:
    """A source of what was found: of the feeds, else of the sitemaps.  Raises UsageError where there is nothing."""
    kinds: tuple[Kind, ...] = (kind,) if kind else ("feed", "sitemap")
    for wanted in kinds:
        urls = tuple(one.url for one in found if one.kind == wanted)
        if urls:
            return Source(name=name, kind=wanted, urls=urls, every=every)
    raise UsageError(
        "neither a feed nor a sitemap was found there: give the address of one, or describe the source "
        "in config/sources.toml, as a section with patterns of its links"
    )


def name_of(url: str) -> str:
    """A name for a source: its host."""
    host = re.sub(r"[^\w.-]", "-", url.split("/")[2].partition(":")[0].strip("[]"))
    return host.removeprefix("www.")[:100]


def _feeds_in(body: bytes, base: str) -> list[str]:
    tree = HTMLTree.parse_from_bytes(body, "utf-8")
    links = tree.document.query_selector_all("link[rel~=alternate][href]") if tree.document else ()
    found = (
        address_of(link.getattr("href") or "", base)
        for link in links
        if (link.getattr("type") or "").strip().lower() in _FEED_TYPES
    )
    return [url for url in found if url]
