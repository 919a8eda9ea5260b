"""Which sources are due, and sending them to the crawlers: what beat asks for, now and then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sqlalchemy import Engine

from ingest.crawl.cron import last_slot, put_off
from ingest.crawl.registry import registered
from ingest.queue.broker import CRAWL
from ingest.settings import Settings
from ingest.store import crawls
from ingest.store.transactions import writing
from ingest.telemetry.logs import logger

_log = logger(__name__)


def send_due(
    engine: Engine,
    send: Callable[[str, str], None],
    lengths: Callable[[], Mapping[str, int]],
    settings: Settings,
    at: datetime | None = None,
) -> int:
    """Plan the last slot of each source that is enabled, and send what is due.  -> crawls sent.

    A slot is planned once, whoever looks.  Of slots that nobody looked at in time, the last one is caught up;
    a source that is new has its first crawl at once.
    """
    at = at or datetime.now(UTC)
    limits = settings.crawl
    for one in registered(engine):
        source = one.source
        slot = last_slot(source.every, source.cron, at) if one.is_enabled else None
        if slot is None:
            continue
        starts_at = slot + put_off(source.name, slot, source.every, limits.jitter)
        with writing(engine) as connection:
            crawls.plan(connection, source.name, _text(slot), _text(starts_at))
    # What waits on the queue has its message still; only where none waits can one have been lost.
    nothing_waits = not lengths().get(CRAWL)
    with writing(engine) as connection:
        due = crawls.take_due(connection, limits.stale_after, settings.attempts, sent_too=nothing_waits)
    for crawl in due:
        send(crawl.source, crawl.slot)
        _log.info("crawl sent", source=crawl.source, slot=crawl.slot)
    return len(due)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
