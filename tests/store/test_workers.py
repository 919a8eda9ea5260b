from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine, func, select, update

from ingest.queue.sweep import sweep
from ingest.settings import Settings
from ingest.store import workers
from ingest.store.schema import workers as table
from ingest.store.transactions import reading, writing
from ingest.store.workers import Worker, this_process


def alive(engine: Engine) -> list[Worker]:
    with reading(engine) as connection:
        return list(workers.alive(connection))


def number(engine: Engine) -> int | None:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_a_row_comes_is_renewed_grows_old_and_goes(engine: Engine) -> None:
    me = this_process("worker", concurrency=2, version="7")
    other = replace(me, worker_id="other", kind="beat")
    with writing(engine) as connection:
        workers.renew(connection, me)
        workers.renew(connection, other)
    assert {replace(worker, seen_at=me.seen_at) for worker in alive(engine)} == {me, other}
    with writing(engine) as connection:
        connection.execute(update(table).values(seen_at="2026-01-01T00:00:00+00:00"))
    assert alive(engine) == []
    with writing(engine) as connection:
        workers.renew(connection, me)
    assert [worker.worker_id for worker in alive(engine)] == [me.worker_id]
    assert number(engine) == 2
    sweep(engine, lambda ids: None, lambda: None, Settings())
    assert number(engine) == 1
    with writing(engine) as connection:
        workers.remove(connection, me.worker_id)
        workers.remove(connection, me.worker_id)
    assert number(engine) == 0


def test_two_processes_have_two_names() -> None:
    first, second = (this_process("api", concurrency=0, version="") for _ in range(2))
    assert first.worker_id != second.worker_id
    assert (first.host, first.pid) == (second.host, second.pid)
