from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from prometheus_client import Metric
from sqlalchemy import Engine, update

from ingest.errors import Unavailable, UnusableDump
from ingest.index.sql import SqlIndex
from ingest.run.results import keep
from ingest.run.worker import Success
from ingest.settings import Crawl, NearCopies
from ingest.stages.deduplicate import sketches_of
from ingest.store import claims, crawls, ledger, payloads, sources, workers
from ingest.store.opening import open_engine
from ingest.store.schema import articles
from ingest.store.schema import ledger as ledger_table
from ingest.store.transactions import writing
from ingest.telemetry import counts, metrics
from tests.cleaners import cleaned_of
from tests.conftest import ROOT
from tests.queue.test_push import some
from tests.store.test_payloads import dump
from tests.telemetry.test_counts import samples

STORY = " ".join(f"word{n}" for n in range(60))


class Queues:
    """In a broker's place."""

    def __init__(self, **lengths: int) -> None:
        self._lengths = lengths

    def lengths(self) -> Mapping[str, int]:
        if not self._lengths:
            raise Unavailable("gone")
        return self._lengths


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """A store with dumps in every state: one received, two queued, one in work, two done, one dead."""
    waiting = some(4)
    cleaned = [cleaned_of(f"{title}\n\n{STORY}\n".encode()) for title in ("one", "two")]
    done = [dump(f"{title}\n\n{STORY}\n".encode(), f"{title}.txt") for title in ("one", "two")]
    bad = dump(b"\x00", "bad")
    with writing(engine) as connection:
        payloads.receive(connection, [*waiting, *done, bad])
        claims.mark_queued(connection, [one.dump_id for one in waiting[1:3]])
        claims.claim(connection, [waiting[3].dump_id], "task")
        index = SqlIndex(connection, NearCopies())
        keep(connection, index, [Success(one, sketches_of(one)) for one in cleaned], version="1")
        ledger.bury(connection, bad.dump_id, UnusableDump("binary", "no text"), "1")
        old = ledger_table.c.dump_id == waiting[1].dump_id
        connection.execute(update(ledger_table).where(old).values(updated_at="2026-01-01T00:00:00+00:00"))
        workers.renew(connection, workers.this_process("worker", concurrency=2, version="1"))
    return engine


def shown(engine: Engine, queues: metrics.Queues | None = None) -> Mapping[str, float]:
    return samples(metrics.exposition(engine, queues)[0].decode())


def test_what_the_store_knows(filled: Engine) -> None:
    found = dict(shown(filled, Queues(clean=3, maintenance=0)))
    assert found.pop("ingest_queue_age_seconds") > 1_000_000
    assert found == {
        'ingest_dumps{state="received"}': 1,
        'ingest_dumps{state="queued"}': 2,
        'ingest_dumps{state="cleaning"}': 1,
        'ingest_dumps{state="done"}': 2,
        'ingest_dumps{state="dead"}': 1,
        'ingest_documents{status="unique"}': 1,
        'ingest_documents{status="exact-copy"}': 0,
        'ingest_documents{status="near-copy"}': 1,
        'ingest_documents_by_source{source="here"}': 2,
        'ingest_dead_dumps{reason="binary"}': 1,
        'ingest_workers{kind="worker"}': 1,
        'ingest_workers{kind="beat"}': 0,
        'ingest_workers{kind="api"}': 0,
        'ingest_workers{kind="watch"}': 0,
        'ingest_webhooks{state="active"}': 0,
        'ingest_webhooks{state="dead"}': 0,
        "ingest_store_reachable": 1,
        'ingest_queue_messages{queue="clean"}': 3,
        'ingest_queue_messages{queue="maintenance"}': 0,
        "ingest_broker_reachable": 1,
    }


def test_an_empty_store(engine: Engine) -> None:
    found = shown(engine)
    assert set(found.values()) == {0, 1}
    assert found["ingest_queue_age_seconds"] == 0


def test_an_answer_is_given_again_for_a_while(filled: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    before = shown(filled)
    with writing(filled) as connection:
        ledger.open_again(connection, [one.dump_id for one in ledger.dead(connection)])
    assert shown(filled) == before
    monkeypatch.setattr(metrics.time, "monotonic", lambda: 1e12)
    assert shown(filled)['ingest_dumps{state="dead"}'] == 0


def test_many_sources_are_the_largest_and_the_rest(filled: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "SOURCES", 1)
    by_source = 'ingest_documents_by_source{source="%s"}'
    with writing(filled) as connection:
        first = connection.scalar(articles.select().with_only_columns(articles.c.document_id).limit(1))
        here = articles.c.document_id == first
        connection.execute(update(articles).where(here).values(source="b" * 300))
    found = shown(filled)
    assert found[by_source % "other"] == 1
    assert len([name for name in found if name.startswith("ingest_documents_by_source")]) == 2


def test_what_is_away_is_shown_as_away(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store'}")
    engine.dispose()
    (tmp_path / "store").write_bytes(b"no database at all" * 100)
    assert shown(engine, Queues()) == {"ingest_store_reachable": 0, "ingest_broker_reachable": 0}
    engine.dispose()


def test_every_metric_is_documented_as_it_is(filled: Engine) -> None:
    for each in (counts.REMOVALS, counts.REMOVED, counts.LOST, counts.TASK):
        each.labels("other")
    counts.FINISHED.labels("", "done", "")
    with writing(filled) as connection:
        sources.add(connection, "wire", {"kind": "list", "urls": ["https://example.org/"]})
        crawls.begin(connection, "wire", "2026", "me", 60)
        crawls.end(connection, "wire", "2026", "me", {}, None)
    families = [*metrics.store_metrics(filled, Crawl()), *counts.REGISTRY.collect()]
    families += [metrics._reachable(part, True) for part in ("store", "broker")]
    families += metrics._broker_metrics(Queues(clean=1))[:1]
    documented = {}
    for line in (ROOT / "config/METRICS.md").read_text(encoding="utf-8").splitlines():
        if row := re.match(r"\| `(ingest_\w+)`(?: by (.*?))? \| (\w+) \|", line):
            documented[row[1]] = (set(re.findall(r"`(\w+)`", row[2] or "")), row[3])
    assert documented == {name_of(one): (labels_of(one), one.type) for one in families}
    assert all(one.documentation for one in families)
    assert all(re.fullmatch(r"ingest_[a-z_]+", name) for name in documented)
    assert all(name.endswith("_total") == (kind == "counter") for name, (_, kind) in documented.items())


def name_of(family: Metric) -> str:
    return f"{family.name}_total" if family.type == "counter" else family.name


def labels_of(family: Metric) -> set[str]:
    return {label for sample in family.samples for label in sample.labels} - {"le"}
