"""Scrapy's process, which can run once in the life of this one: the spiders of several sources beside each other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from sqlalchemy import Engine

from ingest.crawl.frontier import Frontier
from ingest.crawl.leases import Leases, OwnLeases, SharedLeases
from ingest.crawl.pace import Pace
from ingest.crawl.scrapysettings import scrapy_settings
from ingest.crawl.source import Source
from ingest.crawl.spider import SourceSpider
from ingest.crawl.warc import WarcFile
from ingest.errors import Unavailable
from ingest.queue.broker import Send
from ingest.settings import Settings
from ingest.telemetry.logs import logger

_RENEW = 5.0  # seconds between two signs of life, and
_SIGNS = 4  # how many there are at least before a crawl is taken to be dead
_TURN = 2.0  # times the limit of a response that a lease is taken for: looking up its name is within

# Sources that are crawled, with their counts until now -> those of them that are still this process's.
Renew = Callable[[dict[str, dict[str, int]]], set[str]]

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """The spider of a source has ended; None: it was never made."""

    source: str
    spider: SourceSpider | None
    error: str | None  # what broke it


def run_spiders(
    sources: Sequence[Source],
    engine: Engine,
    settings: Settings,
    *,
    end: Callable[[Ended], None],
    send: Send | None = None,
    broker: str | None,
    renew: Renew | None = None,
    kind: type[SourceSpider] = SourceSpider,
) -> None:
    """Run them until all have ended, or this process is told to stop; told twice, some have no end.

    `renew`: called now and then; None: they only look, and store nothing.  Both are called in threads.
    """
    for name in ("crawler", "utils.log"):  # what it says of itself while it is made
        logging.getLogger(f"scrapy.{name}").disabled = True
    process = AsyncCrawlerProcess(scrapy_settings(settings))
    _quieten()  # after it, for it has levels of its own
    leases: Leases = SharedLeases(broker) if broker else OwnLeases()
    pace = Pace(leases, _TURN * settings.crawl.response_seconds)
    running, broke = dict[str, Crawler](), dict[str, str]()

    async def one(source: Source) -> None:
        warc = WarcFile(settings.data / "warc", source.name) if settings.crawl.warc and renew else None
        frontier = Frontier(engine, send, source.name, settings.crawl)
        crawler = running[source.name] = Crawler(kind, scrapy_settings(settings, source))
        task = process.crawl(crawler, source, settings, frontier, pace, only_looks=renew is None, warc=warc)
        try:
            await task
        except Exception as error:  # noqa: BLE001  (of one source; the others go on, and this one's crawl has failed with it)
            _log.exception("crawl broke", source=source.name)
            broke.setdefault(source.name, f"{type(error).__name__}: {error}")
        del running[source.name]
        spider = crawler.spider if isinstance(crawler.spider, SourceSpider) else None
        await asyncio.to_thread(end, Ended(source.name, spider, broke.get(source.name)))

    async def give_signs(renew: Renew) -> None:
        while True:
            counted = {
                name: crawler.spider.counts.as_dict()
                for name, crawler in running.items()
                if isinstance(crawler.spider, SourceSpider)
            }
            try:
                ours = await asyncio.to_thread(renew, counted)
            except Unavailable as error:
                _log.warning("no sign of life", error=str(error))
                ours = set(counted)
            for name in counted.keys() - ours:
                if crawler := running.get(name):
                    broke[name] = "another process took it over, for this one gave no sign of life"
                    await crawler.stop_async()
            await asyncio.sleep(min(_RENEW, settings.crawl.stale_after / _SIGNS))

    async def all_of_them() -> None:
        signs = asyncio.ensure_future(give_signs(renew)) if renew else None
        try:
            await asyncio.gather(*map(one, sources))
        finally:
            if signs:
                signs.cancel()
            await pace.close()

    whole = asyncio.get_event_loop().create_task(all_of_them())
    whole.add_done_callback(process._stop_reactor)
    process.start(stop_after_crawl=False)
    if whole.done():
        whole.result()


def _quieten() -> None:
    """Each failure has its count, and what went wrong here its line from us."""
    for name in ("scrapy", "twisted", "asyncio", "py.warnings"):
        logging.getLogger(name).setLevel(logging.ERROR)
    for name in ("core.engine", "core.scraper", "downloadermiddlewares.robotstxt"):
        logging.getLogger(f"scrapy.{name}").setLevel(logging.CRITICAL)
