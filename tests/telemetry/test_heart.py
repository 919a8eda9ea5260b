from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import Engine, update

from ingest.store import workers
from ingest.store.opening import open_engine
from ingest.store.schema import workers as table
from ingest.store.transactions import reading, writing
from ingest.store.workers import Worker, this_process
from ingest.telemetry.heart import Heart, beating
from tests.patience import PATIENCE

LONG_AGO = "2026-01-01T00:00:00+00:00"


def alive(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return [worker.worker_id for worker in workers.alive(connection)]


def age(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(update(table).values(seen_at=LONG_AGO))


def until_alive(engine: Engine, worker: Worker) -> None:
    end = time.monotonic() + PATIENCE
    while alive(engine) != [worker.worker_id]:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_sign_is_given_again_and_again_and_taken_back(engine: Engine, store_url: str) -> None:
    me = this_process("api", concurrency=0, version="1")
    with beating(store_url, me):
        until_alive(engine, me)
    assert alive(engine) == []
    heart = Heart(store_url, me, seconds=0.01)
    heart.start()
    for _ in range(3):
        until_alive(engine, me)
        age(engine)
    until_alive(engine, me)
    heart.stop()
    assert alive(engine) == [me.worker_id]


def test_who_is_not_well_gives_none(engine: Engine, store_url: str) -> None:
    asked = []

    def is_well() -> bool:
        asked.append(True)
        return False

    heart = Heart(store_url, this_process("worker", concurrency=1, version="1"), is_well, seconds=0.01)
    heart.start()
    while len(asked) < 3:
        time.sleep(0.01)
    heart.stop()
    assert alive(engine) == []


def test_a_store_that_is_away_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("in the place of the store's folder")
    store_url, me = (
        f"sqlite:///{tmp_path / 'folder' / 'store'}",
        this_process("beat", concurrency=0, version=""),
    )
    heart = Heart(store_url, me, seconds=0.01)
    heart.start()
    time.sleep(0.05)
    (tmp_path / "folder").unlink()
    engine = open_engine(store_url)
    until_alive(engine, me)
    engine.dispose()
    heart.stop()
