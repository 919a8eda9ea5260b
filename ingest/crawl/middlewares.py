"""What stands between the spider and the network; each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser, RobotParser
from twisted.internet.defer import Deferred

from ingest.crawl.handler import Refused

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from ingest.crawl.spider import SourceSpider

_NOBODY = b"User-agent: *\nDisallow: /\n"


def _spider_of(crawler: Crawler) -> SourceSpider:
    return cast("SourceSpider", crawler.spider)


class Gate:
    """What is not the source's is not asked for, redirects too; nor is more than its limit."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler, self._asked = crawler, 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Gate:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        spider = _spider_of(self._crawler)
        parts = urlsplit(request.url)
        if parts.scheme not in ("http", "https") or parts.username:
            raise Refused("offsite", request.url)
        if parts.hostname in spider.closed_hosts or spider.gives_up(0.0):
            raise Refused("limit", request.url)
        if request.meta.get("dont_obey_robotstxt"):  # robots.txt itself, which may stand elsewhere (RFC 9309)
            return
        is_page, is_redirect = request.meta.get("is_page"), bool(request.meta.get("redirect_times"))
        on = spider.source.may_be_page if is_page and is_redirect else spider.source.is_on
        if not on(request.url):
            raise Refused("offsite", request.url)
        if is_page and is_redirect and await spider.has(request.url, request.cb_kwargs["url"]):
            raise Refused("known", request.url)
        if self._asked >= spider.source.pages:
            raise Refused("limit", request.url)
        self._asked += 1


class Robots(RobotsTxtMiddleware):
    """robots.txt after RFC 9309: none allows all, and while it cannot be had, nothing is allowed.

    Crawl-delay is obeyed.
    """

    async def robot_parser(self, request: Request) -> RobotParser | None:
        # Of several requests that wait for one robots.txt, Scrapy 2.19 gives it to the first, and to the others
        # None, with which all is allowed.  It is known when any of them wakes.
        await super().robot_parser(request)
        known = self._parsers[urlsplit(request.url).netloc]
        return None if isinstance(known, Deferred) else known

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        agent = _spider_of(self.crawler).agent_name
        if rp is not None and not rp.allowed(request.url, agent):
            raise Refused("robots", request.url)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        status = response.status
        body = _NOBODY if status >= 500 or status == 429 else response.body if status == 200 else b""
        parser = ProtegoRobotParser(body, self.crawler.spider)
        spider = _spider_of(self.crawler)
        if delay := parser.crawl_delay(spider.agent_name):
            await spider.pace.slow_down((urlsplit(request.url).hostname or "").lower(), float(delay))
        self._known(netloc, parser)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        # What would be refused anyhow is refused with its own reason, when it is asked for.  Where a redirect of
        # robots.txt is refused, nobody knows what it says.
        anyhow = isinstance(exc, Refused) and urlsplit(exc.url).netloc == netloc
        self._known(netloc, None if anyhow else ProtegoRobotParser(_NOBODY, None))

    def _known(self, netloc: str, parser: RobotParser | None) -> None:
        waiting = self._parsers[netloc]
        self._parsers[netloc] = parser
        if isinstance(waiting, Deferred):
            waiting.callback(parser)


class LookOnly:
    """Of `ingest sources check`: pages are not fetched, only what lists them; behind robots.txt, which has its say."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> LookOnly:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        if _spider_of(self._crawler).only_looks and request.meta.get("is_page"):
            raise Refused("limit", request.url)


class Retry(RetryMiddleware):
    """Again at once, which is in the host's next turn; the pause that it asked for is in between."""

    def _retry(self, request: Request, reason: Any) -> Request | None:
        spider = _spider_of(self.crawler)
        if urlsplit(request.url).hostname in spider.closed_hosts:
            return None
        again = super()._retry(request, reason)
        if again is not None:
            spider.counts.add("retries")
        return again
