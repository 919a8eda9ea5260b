"""When crawls are due; tests/up/test_crawler.py has the way from beat to the documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ingest.crawl.cron import Cron, last_slot, put_off
from ingest.crawl.due import send_due
from ingest.settings import Settings
from ingest.store import sources
from ingest.store.transactions import writing

NOON = datetime(2026, 11, 24, 12, 7, tzinfo=UTC)


def test_slots() -> None:
    assert last_slot(15, None, NOON) == NOON.replace(minute=0)
    assert last_slot(None, None, NOON) == NOON.replace(minute=0)
    assert last_slot(None, "*/5 * * * *", NOON) == NOON.replace(minute=5)
    assert last_slot(None, "7 12 * * *", NOON) == NOON
    assert last_slot(None, "30 6 * * mon", NOON) == datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
    assert last_slot(None, "0 0 29 2 *", NOON) == datetime(2024, 2, 29, tzinfo=UTC)
    for wrong in ("61 * * * *", "often", "* * * *", "0 0 31 2 *"):
        with pytest.raises(ValueError, match="no cron expression"):
            Cron(wrong)


def test_sources_are_put_off_each_by_its_own() -> None:
    offs = {put_off(f"s{n}", NOON, 10, 3600) for n in range(50)}
    assert len(offs) == 50
    assert max(offs) <= timedelta(minutes=1)  # a tenth of the interval
    assert put_off("a", NOON, None, 5) == put_off("a", NOON + timedelta(days=1), None, 5)


def test_two_beats_send_a_slot_once(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INGEST_CONFIG", str(tmp_path))
    (tmp_path / "sources.toml").write_text(
        '[wire]\nkind = "feed"\nurls = ["https://example.org/feed"]\nevery = 15\n'
        '[rest]\nkind = "feed"\nurls = ["https://example.org/feed"]\nenabled = false\n'
    )
    sent: list[tuple[str, str]] = []

    def look(at: datetime) -> int:
        return send_due(engine, lambda *crawl: sent.append(crawl), lambda: {"crawl": 1}, Settings(), at)

    assert [look(NOON), look(NOON)] == [1, 0]
    assert sent == [("wire", "2026-11-24T12:00:00+00:00")]
    with writing(engine) as connection:
        sources.say(connection, "wire", "disable")
    assert look(NOON + timedelta(hours=1)) == 0
