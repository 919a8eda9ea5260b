"""The spider of one source: listings to links, pages to dumps.  What is decided about them is `frontier`'s."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider, signals
from scrapy.exceptions import StopDownload
from scrapy.http import Headers, Response

from ingest.crawl.answers import answer_of, media_type_of, reason_of, why_of
from ingest.crawl.counts import Counts
from ingest.crawl.frontier import Frontier
from ingest.crawl.listings import Link, full_texts, links_in
from ingest.crawl.pace import Pace
from ingest.crawl.requests import request_for
from ingest.crawl.source import Source
from ingest.crawl.unstored import Unstored
from ingest.crawl.urls import LONGEST, address_of
from ingest.crawl.warc import WarcFile
from ingest.errors import IngestError, UnusableDump
from ingest.model import Dump
from ingest.redaction import redacted
from ingest.settings import Settings
from ingest.store.addresses import Address, Answer
from ingest.telemetry.logs import logger

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

_PAGE_TYPES = ("", "text/html", "application/xhtml+xml", "text/plain")
_NOT_LISTINGS = ("image", "video", "audio", "font")
# Of the answers that begin with 4, those that say "later" and not "never"; 403 is also what a site's shield says for
# an hour to all that it takes for robots.
_OPEN_4XX = (403, 408, 425, 429)
_ENTRY = "#entry"  # behind the url of a page: its entry in the feed; no url that is fetched has a fragment

_log = logger(__name__)


class SourceSpider(Spider):
    name = "source"
    handle_httpstatus_list = (304,)

    def __init__(
        self,
        source: Source,
        settings: Settings,
        frontier: Frontier,
        pace: Pace,
        *,
        only_looks: bool = False,
        warc: WarcFile | None = None,
    ) -> None:
        super().__init__(source.name)
        self.source, self.our_settings, self.limits = source, settings, settings.crawl
        self.frontier, self.pace, self.only_looks, self.warc = frontier, pace, only_looks, warc
        self.delay = self.limits.delay if source.delay is None else source.delay
        self.counts = Counts()
        self.closed_hosts: set[str] = set()  # that asked to be left alone for longer than we wait
        self._ends_at = time.monotonic() + self.limits.run_seconds
        self._asked: set[str] = set()
        self.unstored = Unstored()
        self.looked_at: list[tuple[str, str]] = []  # of a look: pages, and what would become of them
        self.ended: str | None = None  # Scrapy's reason: "finished", "shutdown" …
        self.trouble: list[str] = []  # listings that could not be had, and why
        self.broken: list[str] = []  # answers of which something went wrong here
        self.agent_name = (source.user_agent or settings.crawl.user_agent).partition("/")[0]

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> SourceSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.headers_received, signals.headers_received)
        crawler.signals.connect(spider.spider_error, signals.spider_error)
        return spider

    def gives_up(self, wait: float) -> bool:
        """Whether a request that is to wait for so many seconds is left to the next crawl."""
        return time.monotonic() + wait > self._ends_at or not self.crawler.crawling

    async def has(self, redirected: str, url: str) -> bool:
        """Whether this address, to which a page's url was redirected, is had under its own name, now or before."""
        target = address_of(redirected)
        if target is None or target == url:
            return False
        if target in self._asked:
            return True
        known = await asyncio.to_thread(self.frontier.known, target)
        return known is not None and known.dump_id is not None

    async def start(self) -> AsyncIterator[Any]:
        if self.source.kind == "list":
            links = [Link(url) for url in self.source.urls]
            for request in await self._requests(links, *await self._sorted(links)):
                yield request
        else:
            for url in self.source.urls:
                yield self._listing(url, 0, await asyncio.to_thread(self.frontier.known, url))
        if not self.only_looks:
            for left in await asyncio.to_thread(self.frontier.left, self.source.pages):
                if left.url not in self._asked:
                    yield self._page(left.url, left)

    def headers_received(self, headers: Headers, body_length: int, request: Request) -> None:
        """What is no page by its type is not read to its end; of redirects and errors the type says nothing."""
        media_type = media_type_of(headers.get("Content-Type"))
        if request.meta.get("is_page"):
            if media_type not in _PAGE_TYPES:
                raise StopDownload(fail=True)
        elif media_type.partition("/")[0] in _NOT_LISTINGS:
            raise StopDownload(fail=True)

    def spider_error(self, failure: Failure, response: Response | Failure | None) -> None:
        """An answer could not be stored, or not be read by our fault: the next crawl asks again."""
        url = redacted(response.url) if isinstance(response, Response) else self.source.name
        why = f"{type(failure.value).__name__}: {failure.value}"
        self.counts.add("broken")
        self.broken.append(f"{url}: {why}")
        is_accident = isinstance(
            failure.value, (OSError, IngestError)
        )  # disk full, store away: its words are enough
        _log.error("answer lost", url=url, error=why, exc_info=None if is_accident else failure.value)

    def closed(self, reason: str) -> None:
        self.ended = reason

    async def parse_listing(self, response: Response, url: str, depth: int) -> AsyncIterator[Any]:
        answer = answer_of(response)
        if response.status == 304:
            await asyncio.to_thread(self.frontier.unchanged, url, answer, is_listing=True)
            self.counts.add("listings")
            return
        where = address_of(response.url) or url
        try:
            links = await asyncio.to_thread(
                links_in, self.source, response.body, where, self.limits.body_bytes
            )
        except UnusableDump as error:
            await self._trouble(url, error.message)
            return
        self.counts.add("listings")
        if self.warc:
            await asyncio.to_thread(self.warc.write, response)
        if depth >= self.source.depth:
            links = [link for link in links if not link.is_listing]
        self.counts.add("found", sum(not link.is_listing for link in links))
        if self.only_looks:
            due, known = await self._sorted(links)
        else:
            if self.source.kind == "feed" and self.source.full_text:
                await self._entries(response, where, answer)
            due, known = await asyncio.to_thread(self.frontier.listed, url, answer, links)
        for request in await self._requests(links, due, known, depth + 1):
            yield request

    async def parse_page(self, response: Response, url: str) -> None:
        try:
            await self._take(response, url)
        finally:
            self.unstored.gone(url)

    async def _take(self, response: Response, url: str) -> None:
        answer = answer_of(response)
        if response.status == 304:
            await asyncio.to_thread(self.frontier.unchanged, url, answer, is_listing=False)
            self.counts.add("unchanged")
            return
        final = address_of(response.url) or url
        dump = Dump(
            hashlib.sha256(response.body).hexdigest(),
            response.body,
            url,
            self.source.name,
            final,
            (response.headers.get("Content-Type") or b"").decode("latin-1") or None,
            len(response.body),
        )
        is_new, was_there = await asyncio.to_thread(self.frontier.take, dump, url, answer)
        self.counts.add("unchanged" if not is_new else "changed" if was_there else "new")
        if self.warc:
            await asyncio.to_thread(self.warc.write, response)

    async def failed(self, failure: Failure) -> None:
        """Nothing came of a request: counted by its reason, and noted at its address."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        url, is_page = request.cb_kwargs["url"], bool(request.meta.get("is_page"))
        self.unstored.gone(url)
        reason, status = reason_of(failure.value)
        if self.only_looks and is_page:
            self.looked_at.append((url, "would be fetched" if reason == "limit" else f"refused: {reason}"))
            return
        self.counts.add(reason)
        if not is_page:
            await self._trouble(url, str(status) if status else why_of(failure.value, reason))
        elif reason != "limit":
            gone = reason in ("offsite", "address", "known", "media_type", "too_large")
            gone = gone or (reason == "client_errors" and status not in _OPEN_4XX)
            await asyncio.to_thread(self.frontier.failed, url, status, gone=gone)

    async def _entries(self, response: Response, where: str, answer: Answer) -> None:
        try:
            found = await asyncio.to_thread(
                lambda: list(full_texts(response.body, self.source.name, where, self.our_settings))
            )
        except UnusableDump:  # its links could be read, and are what counts
            return
        for dump in found:
            page = address_of(dump.url or "", where)
            if page and self.source.may_be_page(page) and len(page) + len(_ENTRY) <= LONGEST:
                is_new, _ = await asyncio.to_thread(self.frontier.take, dump, page + _ENTRY, answer, page)
                self.counts.add("entries", int(is_new))

    async def _sorted(self, links: Sequence[Link]) -> tuple[list[Link], dict[str, Address]]:
        if self.only_looks or self.source.kind != "list":
            return await asyncio.to_thread(self.frontier.sort, links)
        return await asyncio.to_thread(self.frontier.named, links)

    async def _requests(
        self, links: Sequence[Link], due: Sequence[Link], known: dict[str, Address], depth: int = 0
    ) -> list[Request]:
        if self.only_looks:
            waits = {link.url for link in due}
            self.looked_at += [(link.url, "known") for link in links if link.url not in waits]
        return [
            self._listing(link.url, depth, known.get(link.url))
            if link.is_listing
            else self._page(link.url, known.get(link.url))
            for link in due
            if link.url not in self._asked
        ]

    def _listing(self, url: str, depth: int, known: Address | None) -> Request:
        return self._request(url, self.parse_listing, {"url": url, "depth": depth}, known, is_page=False)

    def _page(self, url: str, known: Address | None) -> Request:
        return self._request(url, self.parse_page, {"url": url}, known, is_page=True)

    def _request(
        self, url: str, callback: Any, arguments: dict[str, Any], known: Address | None, *, is_page: bool
    ) -> Request:
        self._asked.add(url)
        asks = None if self.only_looks else known
        return request_for(url, callback, self.failed, arguments, asks, is_page=is_page)

    async def _trouble(self, url: str, why: str) -> None:
        self.trouble.append(f"{redacted(url)}: {why}")
        if not self.only_looks:
            await asyncio.to_thread(self.frontier.failed, url, None, gone=False)
