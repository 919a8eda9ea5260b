"""Scrapy's download handler, each request in its host's turn."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest, StopDownload
from scrapy.http import Response

from ingest.crawl.counts import Count
from ingest.crawl.leases import LeftAlone
from ingest.crawl.pace import NoTurn
from ingest.crawl.resolver import REFUSED

if TYPE_CHECKING:
    from ingest.crawl.spider import SourceSpider

_PORTS = {"http": 80, "https": 443}
_BUSY = (429, 503)  # answers that may say when to come again
_HAD = range(200, 300)
_TROUBLE = 500  # from this status on, the host is given time


class Refused(IgnoreRequest):
    """A request that is not made, or whose answer is not taken, and what it counts as."""

    def __init__(self, reason: Count, url: str, why: str | None = None) -> None:
        super().__init__(why or reason)
        self.reason, self.url = reason, url


class PacedHandler(HTTP11DownloadHandler):
    """Waits for the host's turn, and tells it how long to pause after an answer that asks for that."""

    @property
    def _spider(self) -> SourceSpider:
        return cast("SourceSpider", self.crawler.spider)

    async def download_request(self, request: Request) -> Response:
        spider = self._spider
        parts = urlsplit(request.url)
        host = (parts.hostname or "").lower()
        try:
            async with spider.pace.turn(host, spider.delay, spider.gives_up, spider.unstored.wait):
                spider.counts.add("requests")
                response = await self._response_to(request, host, parts.port or _PORTS[parts.scheme])
                spider.counts.add("bytes", len(response.body) + len(response.headers.to_string()))
                await self._pause_after(response, host, int(request.meta.get("retry_times", 0)))
            if response.status == HTTPStatus.OK and request.meta.get("is_page"):
                spider.unstored.came(request.cb_kwargs["url"])
        except LeftAlone as error:
            spider.closed_hosts.add(host)
            raise Refused("limit", request.url, str(error)) from None
        except NoTurn as error:
            raise Refused("limit", request.url, str(error)) from None
        return response

    async def _response_to(self, request: Request, host: str, port: int) -> Response:
        try:
            return await super().download_request(request)
        except CannotResolveHostError:
            if (host, port) in REFUSED:
                raise Refused("address", request.url) from None
            raise
        except StopDownload as stopped:
            # The type of a redirect or of an error says nothing of the page: these are answers like others.
            if stopped.response is None or stopped.response.status in _HAD:
                raise
            return stopped.response

    async def _pause_after(self, response: Response, host: str, retried: int) -> None:
        if response.status not in _BUSY and response.status < _TROUBLE:
            return
        spider = self._spider
        asked = retry_after(response) if response.status in _BUSY else None
        longest = spider.limits.longest_wait
        if asked is not None and asked > longest:
            spider.closed_hosts.add(host)
            await spider.pace.leave_alone(host, asked)
            return
        backed_off = spider.delay * 2 ** (retried + 1)
        spider.pace.pause(host, min(longest, backed_off if asked is None else asked))


def retry_after(response: Response) -> float | None:
    """Seconds, of Retry-After in either form; None where it says nothing that can be read."""
    said = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if said.isdecimal():
        return float(said[:9])
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None
