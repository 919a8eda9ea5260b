"""A crawl of one or several sources: Scrapy's process, which can run once in the life of this one."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from sqlalchemy import Engine

from ingest.crawl.discover import Found, Seeker
from ingest.crawl.frontier import Frontier
from ingest.crawl.pace import Leases, OwnLeases, Pace, SharedLeases
from ingest.crawl.scrapysettings import agent_of, scrapy_settings
from ingest.crawl.source import Source, source_of
from ingest.crawl.spider import SourceSpider
from ingest.crawl.warc import WarcFile
from ingest.errors import Unavailable
from ingest.queue.broker import Send
from ingest.settings import Settings
from ingest.store import crawls
from ingest.store.transactions import writing
from ingest.telemetry.logs import logger

_RENEW = 5.0  # seconds between two signs of life
_TURN = (
    2.0  # times the limit of a response that a lease is taken for: what its redirect of names takes is within
)

_log = logger(__name__)


@dataclass(slots=True)
class Outcome:
    """What a crawl of a source came to."""

    source: str
    counts: dict[str, int]
    error: str | None
    looked_at: list[tuple[str, str]] = field(
        default_factory=list
    )  # of a look: pages, and what would become of them
    trouble: list[str] = field(default_factory=list)  # listings that could not be had
    interrupted: bool = False


def manual_slot() -> str:
    """The slot of a crawl that a person asks for: this moment, which no schedule has."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def crawl(
    sources: Sequence[Source],
    engine: Engine,
    settings: Settings,
    *,
    send: Send | None,
    broker: str | None,
    slot: str,
) -> list[Outcome]:
    """Fetch the sources; what they gave is in the ledger, and sent where there is a `send`.

    `broker`: where leases of hosts are shared; None: with nobody.  A source that is being crawled, or was for
    this slot, is left out with an error.  Raises UsageError where no contact is set.
    """
    holder = secrets.token_hex(8)
    begun, outcomes = list[Source](), list[Outcome]()
    agent_of(settings)
    for source in sources:
        try:
            with writing(engine) as connection:
                crawls.begin(connection, source.name, slot, holder, settings.crawl.stale_after)
            begun.append(source)
        except crawls.Overlapping as error:
            outcomes.append(Outcome(source.name, {}, str(error)))
    if not begun:
        return outcomes
    spiders, lost = _run(begun, engine, settings, send=send, broker=broker, holder=holder)
    for source in begun:
        spider = spiders.get(source.name)
        outcome = _outcome(source, spider, lost)
        with writing(engine) as connection:
            crawls.end(connection, source.name, slot, holder, outcome.counts, outcome.error)
        _log.info("crawled", source=source.name, error=outcome.error, **outcome.counts)
        outcomes.append(outcome)
    return outcomes


def look(source: Source, engine: Engine, settings: Settings, *, broker: str | None) -> Outcome:
    """What a crawl would take now.  Fetches the listings alone, and stores nothing."""
    spiders, lost = _run([source], engine, settings, send=None, broker=broker, holder=None)
    return _outcome(source, spiders.get(source.name), lost)


def seek(url: str, engine: Engine, settings: Settings, *, broker: str | None) -> list[Found]:
    """The feeds and sitemaps of a site.  Raises UsageError for no address, Unavailable where it does not answer."""
    name = "site"
    source = source_of(name, {"kind": "list", "urls": [url], "pages": 50})
    spiders, lost = _run([source], engine, settings, send=None, broker=broker, holder=None, kind=Seeker)
    spider = spiders.get(name)
    if not isinstance(spider, Seeker) or spider.trouble:
        why = spider.trouble[0] if spider and spider.trouble else lost.get(name, "")
        raise Unavailable(f"{url} cannot be had: {why}")
    return spider.found


def _run(
    sources: Sequence[Source],
    engine: Engine,
    settings: Settings,
    *,
    send: Send | None,
    broker: str | None,
    holder: str | None,
    kind: type[SourceSpider] = SourceSpider,
) -> tuple[dict[str, SourceSpider], dict[str, str]]:
    """-> the spiders by source, and what broke those that broke.  `holder`: None of a look."""
    for name in ("scrapy", "twisted", "asyncio", "py.warnings"):  # each failure has its count
        logging.getLogger(name).setLevel(logging.ERROR)
    process = AsyncCrawlerProcess(scrapy_settings(settings))
    leases: Leases = SharedLeases(broker) if broker else OwnLeases()
    pace = Pace(leases, _TURN * settings.crawl.response_seconds)
    spiders, lost = dict[str, SourceSpider](), dict[str, str]()

    async def one(source: Source) -> None:
        warc = WarcFile(settings.data / "warc", source.name) if settings.crawl.warc and holder else None
        frontier = Frontier(engine, send, source.name, settings.crawl)
        crawler = Crawler(kind, scrapy_settings(settings, source))
        task = process.crawl(crawler, source, settings, frontier, pace, only_looks=holder is None, warc=warc)
        try:
            await task
        except Exception as error:  # noqa: BLE001  (of one source; the others go on, and this one's crawl has failed with it)
            _log.exception("crawl broke", source=source.name)
            lost[source.name] = f"{type(error).__name__}: {error}"
        if isinstance(crawler.spider, SourceSpider):
            spiders[source.name] = crawler.spider

    async def renew() -> None:
        while holder:
            counted = {c.spider.name: c.spider.counts.as_dict() for c in process.crawlers if c.spider}  # type: ignore[attr-defined]
            try:
                await asyncio.to_thread(_renew, engine, holder, counted)
            except Unavailable as error:
                _log.warning("no sign of life", error=str(error))
            await asyncio.sleep(_RENEW)

    async def all_of_them() -> None:
        beat = asyncio.ensure_future(renew())
        try:
            await asyncio.gather(*(one(source) for source in sources))
        finally:
            beat.cancel()
            await pace.close()

    whole = asyncio.get_event_loop().create_task(all_of_them())
    whole.add_done_callback(process._stop_reactor)
    process.start(stop_after_crawl=False)
    if whole.done():
        whole.result()
    return spiders, lost


def _renew(engine: Engine, holder: str, counted: dict[str, dict[str, int]]) -> None:
    with writing(engine) as connection:
        crawls.renew(connection, holder, counted)


def _outcome(source: Source, spider: SourceSpider | None, lost: dict[str, str]) -> Outcome:
    if spider is None:
        return Outcome(source.name, {}, lost.get(source.name, "it could not be begun"))
    counts = spider.counts
    error = lost.get(source.name)
    if spider.trouble and not counts["listings"]:
        error = error or f"nothing that lists pages could be had: {spider.trouble[0]}"
    interrupted = spider.ended == "shutdown"
    return Outcome(source.name, counts.as_dict(), error, spider.looked_at, spider.trouble, interrupted)
