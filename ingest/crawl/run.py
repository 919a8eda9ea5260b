"""A crawl of one or several sources, from its row in the store to its outcome."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Engine

from ingest.crawl.agent import agent_of
from ingest.crawl.discover import Found, Seeker
from ingest.crawl.scrapyprocess import Ended, run_spiders
from ingest.crawl.source import Source, source_of
from ingest.errors import Unavailable, UsageError
from ingest.queue.broker import Send
from ingest.redaction import redacted
from ingest.settings import Settings
from ingest.store import crawls
from ingest.store.transactions import writing
from ingest.telemetry.logs import logger

_log = logger(__name__)


@dataclass(slots=True)
class Outcome:
    """What a crawl of a source came to."""

    source: str
    counts: dict[str, int]
    error: str | None
    # Of a look: pages, and what would become of them.
    looked_at: list[tuple[str, str]] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)  # listings that could not be had
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of the crawls that this process runs."""

    engine: Engine
    slot: str
    holder: str

    def begin(self, source: str, stale_after: float) -> None:
        """Raises Overlapping."""
        with writing(self.engine) as connection:
            crawls.begin(connection, source, self.slot, self.holder, stale_after)

    def renew(self, counts: dict[str, dict[str, int]]) -> set[str]:
        with writing(self.engine) as connection:
            return crawls.renew(connection, self.holder, counts)

    def end(self, outcome: Outcome) -> None:
        with writing(self.engine) as connection:
            crawls.end(connection, outcome.source, self.slot, self.holder, outcome.counts, outcome.error)
        _log.info("crawled", source=outcome.source, error=outcome.error, **outcome.counts)


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
    this slot, is left out with an error.  Raises UsageError where no contact is set; the crawls have failed with it.
    """
    rows = _Rows(engine, slot, secrets.token_hex(8))
    begun, outcomes = list[Source](), dict[str, Outcome]()
    for source in sources:
        try:
            rows.begin(source.name, settings.crawl.stale_after)
            begun.append(source)
        except crawls.Overlapping as error:
            outcomes[source.name] = Outcome(source.name, {}, str(error))
    try:
        agent_of(settings)
    except UsageError as error:
        for source in begun:
            rows.end(Outcome(source.name, {}, str(error)))
        raise

    def end(ended: Ended) -> None:
        outcome = outcomes[ended.source] = _outcome(ended)
        rows.end(outcome)

    if begun:
        run_spiders(begun, engine, settings, send=send, broker=broker, renew=rows.renew, end=end)
    # Who was told to stop twice has no end: it counts as one that was killed, and is gone on with.
    killed = {source.name: Outcome(source.name, {}, None, interrupted=True) for source in begun}
    return list({**killed, **outcomes}.values())


def look(source: Source, engine: Engine, settings: Settings, *, broker: str | None) -> Outcome:
    """What a crawl would take now.  Fetches the listings alone, and stores nothing."""
    outcomes = list[Outcome]()
    run_spiders([source], engine, settings, broker=broker, end=lambda ended: outcomes.append(_outcome(ended)))
    return outcomes[0] if outcomes else Outcome(source.name, {}, None, interrupted=True)


def seek(url: str, engine: Engine, settings: Settings, *, broker: str | None) -> list[Found]:
    """The feeds and sitemaps of a site.  Raises UsageError for no address, Unavailable where it does not answer."""
    source = source_of("site", {"kind": "list", "urls": [url], "pages": 50})
    ended = list[Ended]()
    run_spiders([source], engine, settings, broker=broker, end=ended.append, kind=Seeker)
    spider = ended[0].spider if ended else None
    if not isinstance(spider, Seeker) or spider.trouble:
        why = spider.trouble[0] if spider and spider.trouble else ended[0].error if ended else "interrupted"
        raise Unavailable(f"{redacted(url)} cannot be had: {why}")
    return spider.found


def _outcome(ended: Ended) -> Outcome:
    spider, error = ended.spider, ended.error
    if spider is None:
        return Outcome(ended.source, {}, error or "it could not be begun")
    counts = spider.counts
    if spider.trouble and not counts["listings"]:
        error = error or f"nothing that lists pages could be had: {spider.trouble[0]}"
    if spider.broken:
        error = error or f"{len(spider.broken)} answers were lost, as {spider.broken[0]}"
    interrupted = spider.ended == "shutdown" and ended.error is None
    return Outcome(ended.source, counts.as_dict(), error, spider.looked_at, spider.trouble, interrupted)
