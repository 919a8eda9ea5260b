"""What the store and the broker know, for Prometheus.

What would need a look at every removal or every text is not asked here: workers count it as it happens
(`ingest.telemetry.counts`).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Protocol, get_args
from weakref import WeakKeyDictionary

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Column, ColumnElement, Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from ingest.errors import Unavailable
from ingest.settings import Crawl
from ingest.store import ledger, records, webhooks, workers
from ingest.store.health import Alert, Health, health
from ingest.store.schema import articles
from ingest.store.schema import ledger as ledger_table
from ingest.store.transactions import reading
from ingest.telemetry.counts import LABEL_CHARACTERS, OTHER, SOURCES
from ingest.telemetry.logs import logger

FRESH_SECONDS = 10.0  # an answer of the store is given again for so long
_SHARE = 20  # ... or for as many times as it took to get, where that is longer: a large store is spared

_log = logger(__name__)


class Queues(Protocol):
    """What is asked of the broker; `ingest.queue.broker.Broker` is one."""

    def lengths(self) -> Mapping[str, int]:
        """Messages on each queue.  Raises Unavailable."""


def exposition(
    engine: Engine,
    broker: Queues | None = None,
    limits: Crawl = Crawl(),  # noqa: B008  (frozen)
) -> tuple[bytes, str]:
    """The answer to a scrape: its bytes and their content type.

    What is away (store, broker) is shown as such, its values are left out.  Many may ask at once.
    """
    families = [*_known(engine, limits), *_broker_metrics(broker)]
    registry = CollectorRegistry()
    registry.register(_Ready(families))
    return generate_latest(registry), CONTENT_TYPE_LATEST


def store_metrics(engine: Engine, limits: Crawl) -> list[Metric]:
    """Read now.  Raises what the store raises."""
    with reading(engine) as connection:
        dumps, documents = ledger.counts(connection), records.status_counts(connection)
        kinds = [worker.kind for worker in workers.alive(connection)]
        return [
            _gauge("ingest_dumps", "Dumps in the ledger, by state.", "state", dumps.items()),
            _gauge("ingest_documents", "Documents, by status.", "status", documents.items()),
            _gauge(
                "ingest_documents_by_source",
                f"Documents, by source: the {SOURCES} largest, the rest as {OTHER}.",
                "source",
                _largest(connection, articles.c.source, sum(documents.values())),
            ),
            _gauge(
                "ingest_dead_dumps",
                "Dumps that were given up, by reason.",
                "reason",
                _largest(connection, ledger_table.c.reason, dumps["dead"], ledger_table.c.state == "dead"),
            ),
            GaugeMetricFamily(
                "ingest_queue_age_seconds",
                "Seconds since the last news of the dump that has waited longest; 0 where none waits.",
                value=_queue_age(connection),
            ),
            _gauge(
                "ingest_workers",
                "Processes of the service that gave a sign of life within a minute, by kind.",
                "kind",
                ((kind, kinds.count(kind)) for kind in get_args(workers.WorkerKind)),
            ),
            _gauge("ingest_webhooks", "Webhooks, by state.", "state", webhooks.counts(connection).items()),
            *source_metrics(health(connection, limits), datetime.now(UTC)),
        ]


def source_metrics(sources: Iterable[Health], at: datetime) -> list[Metric]:
    """Of the sources that are crawled; one that never was had has no age."""
    crawled = [one for one in sources if one.enabled]
    ages = [
        (one.source, (at - datetime.fromisoformat(one.last_success)).total_seconds())
        for one in crawled
        if one.last_success
    ]
    alert = GaugeMetricFamily(
        "ingest_source_alert",
        "1 of a source that is failing, gives less than usual (quiet), or pages without articles (empty).",
        labels=["source", "alert"],
    )
    for one in crawled:
        for kind in get_args(Alert):
            alert.add_metric([one.source, kind], one.alert == kind)
    return [
        alert,
        _gauge("ingest_source_age_seconds", "Since the last crawl that was no failure.", "source", ages),
        _gauge(
            "ingest_source_pages_day",
            "New pages in the last 24 hours, by source.",
            "source",
            [(one.source, one.pages_day) for one in crawled],
        ),
    ]


@dataclass(slots=True)
class _Reading:
    """The store's last answer."""

    lock: Lock
    families: list[Metric]
    good_until: float = 0.0  # monotonic seconds


class _Ready(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


_readings: WeakKeyDictionary[Engine, _Reading] = WeakKeyDictionary()


def _known(engine: Engine, limits: Crawl) -> list[Metric]:
    last = _readings.setdefault(engine, _Reading(Lock(), []))
    with last.lock:
        began = time.monotonic()
        if began >= last.good_until:
            try:
                last.families = [*store_metrics(engine, limits), _reachable("store", True)]
            except (Unavailable, SQLAlchemyError) as error:
                _log.warning("the store cannot be read for metrics", error=str(error))
                last.families = [_reachable("store", False)]
            ended = time.monotonic()
            last.good_until = ended + max(FRESH_SECONDS, _SHARE * (ended - began))
        return last.families


def _broker_metrics(broker: Queues | None) -> list[Metric]:
    if broker is None:
        return []
    try:
        waiting = broker.lengths()
    except Unavailable as error:
        _log.warning("the broker cannot be asked for metrics", error=str(error))
        return [_reachable("broker", False)]
    queues = _gauge(
        "ingest_queue_messages", "Messages that wait on the broker, by queue.", "queue", waiting.items()
    )
    return [queues, _reachable("broker", True)]


def _reachable(part: str, there: bool) -> Metric:
    return GaugeMetricFamily(
        f"ingest_{part}_reachable",
        f"1 where the {part} answered this scrape or the one before, else 0.",
        there,
    )


def _gauge(name: str, help_text: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for value, number in values:
        family.add_metric([value], number)
    return family


def _largest(
    connection: Connection, column: Column[Any], total: int, *where: ColumnElement[bool]
) -> list[tuple[str, int]]:
    """Rows by the value of the column: the SOURCES largest groups, and the rest of the total."""
    groups = select(column, func.count()).where(*where).group_by(column).order_by(func.count().desc(), column)
    found: Counter[str] = Counter()  # names that are alike when cut are one
    for name, number in connection.execute(groups.limit(SOURCES)):
        found[(name or "")[:LABEL_CHARACTERS]] += number
    if rest := total - found.total():
        found[OTHER] += rest
    return list(found.items())


def _queue_age(connection: Connection) -> float:
    # One index look for each state: min over both at once would read them all.
    oldest = [
        connection.scalar(select(func.min(ledger_table.c.updated_at)).where(ledger_table.c.state == state))
        for state in ("received", "queued")
    ]
    since = [datetime.fromisoformat(moment) for moment in oldest if moment is not None]
    return max(0.0, (datetime.now(UTC) - min(since)).total_seconds()) if since else 0.0
