from __future__ import annotations

import threading

from sqlalchemy import Connection, Engine, event, update

from ingest.store import claims, ledger, payloads
from ingest.store.engines import is_postgres
from ingest.store.schema import ledger as ledger_table
from ingest.store.transactions import reading, writing
from tests.cleaners import cleaned_of
from tests.store.test_payloads import dump

A, B, C, D = (dump(name).dump_id for name in (b"a", b"b", b"c", b"d"))
EARLY, LATE = "2000-01-01T00:00:00+00:00", "2100-01-01T00:00:00+00:00"


def receive(engine: Engine, *names: bytes) -> None:
    with writing(engine) as connection:
        payloads.receive(connection, [dump(name) for name in names])


def states(connection: Connection) -> dict[str, tuple[str, int]]:
    found = ledger.standings(connection, [A, B, C, D])
    return {dump_id: (standing.state, standing.attempts) for dump_id, standing in found.items()}


def test_one_dump_from_pusher_to_worker_and_back(engine: Engine) -> None:
    receive(engine, b"a")
    with writing(engine) as connection:
        assert claims.waiting(connection, [B, A]) == [A]
        claims.mark_queued(connection, [A])
        assert states(connection) == {A: ("queued", 0)}
        assert claims.waiting(connection, [A]) == []
        assert [dump.dump_id for dump in claims.open_to(connection, [A, A, B], "one")] == [A]
        claims.claim(connection, [A], "one")
        assert states(connection) == {A: ("cleaning", 1)}
        claims.mark_queued(connection, [A])  # the pusher was slower than the worker
        assert states(connection) == {A: ("cleaning", 1)}
        claims.release(connection, [A], "one", forgive=False, traceback="Traceback: \ud800")
        assert states(connection) == {A: ("received", 1)}
        assert claims.open_to(connection, [A], "two") == [claims.Open(A, 1, "Traceback: \ufffd", size=1)]
        claims.claim(connection, [A], "two")
        claims.release(connection, [A], "two", forgive=True)
        assert states(connection) == {A: ("received", 1)}


def test_what_one_task_holds_no_other_gets(engine: Engine) -> None:
    receive(engine, b"a", b"b")
    with writing(engine) as connection:
        claims.claim(connection, [A], "one")
        assert [dump.dump_id for dump in claims.open_to(connection, [A, B], "two")] == [B]
        claims.claim(connection, [A, B], "two")
        claims.release(connection, [A], "two", forgive=True)
        assert states(connection) == {A: ("cleaning", 1), B: ("cleaning", 1)}
        assert [dump.dump_id for dump in claims.open_to(connection, [A, B], "one")] == [A]


def test_what_is_done_or_dead_is_open_to_nobody(engine: Engine) -> None:
    receive(engine, b"a")
    with writing(engine) as connection:
        claims.claim(connection, [A], "one")
        ledger.finish(connection, [cleaned_of(b"a")], "1")
        assert claims.open_to(connection, [A], "one") == []
        claims.claim(connection, [A], "one")
        claims.release(connection, [A], "one", forgive=True)
        assert states(connection) == {A: ("done", 1)}


def test_of_many_that_claim_at_once_one_wins(engine: Engine) -> None:
    receive(engine, b"a")
    start, won = threading.Barrier(6), list[str]()

    def take(holder: str) -> None:
        start.wait()
        with writing(engine) as connection:
            if claims.open_to(connection, [A], holder):
                claims.claim(connection, [A], holder)
                won.append(holder)

    threads = [threading.Thread(target=take, args=(str(n),)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    with reading(engine) as connection:
        assert states(connection) == {A: ("cleaning", 1)}


def test_stale_is_what_nobody_is_at(engine: Engine) -> None:
    receive(engine, b"a", b"b", b"c", b"d")
    with writing(engine) as connection:
        claims.mark_queued(connection, [B])
        claims.claim(connection, [C], "one")
        claims.claim(connection, [D], "one")
        ledger.finish(connection, [cleaned_of(b"d")], "1")

        def stale(before: str, queued_before: str, limit: int = 10) -> list[str]:
            found = claims.take_back_stale(
                connection, before=before, queued_before=queued_before, limit=limit
            )
            return sorted(dump_id for dump_id, _ in found)

        assert stale(EARLY, EARLY) == []
        assert stale(EARLY, LATE) == [B]
        assert states(connection)[B] == ("received", 0)
        assert stale(LATE, EARLY) == sorted([A, B, C])
        assert states(connection) == {
            A: ("received", 0),
            B: ("received", 0),
            C: ("received", 1),
            D: ("done", 1),
        }
        assert [d.dump_id for d in claims.open_to(connection, [C], "two")] == [C]
        old = update(ledger_table).where(ledger_table.c.dump_id == C).values(updated_at=EARLY)
        connection.execute(old)
        assert stale(LATE, LATE, limit=1) == [C]  # the longest forgotten first


def test_however_many_wait_or_are_done_a_few_are_found_by_their_ids(engine: Engine) -> None:
    """No statement of a task, a push or a replay goes through all dumps of a state."""
    statements: list[tuple[str, object]] = []
    event.listen(engine, "before_cursor_execute", lambda *seen: statements.append((seen[2], seen[3])))
    receive(engine, b"a", b"b")
    with writing(engine) as connection:
        statements.clear()
        claims.waiting(connection, [A])
        claims.mark_queued(connection, [A])
        claims.open_to(connection, [A], "one")
        claims.claim(connection, [A], "one")
        claims.release(connection, [A], "one", forgive=True)
        ledger.done_after(connection, ledger.Selection("1", "wire"), 0, 10)
        ledger.open_again(connection, [A])
        seen = list(statements)
        explain = "EXPLAIN " if is_postgres(connection) else "EXPLAIN QUERY PLAN "
        for statement, parameters in seen:
            plan = connection.exec_driver_sql(explain + statement, parameters).all()  # type: ignore[arg-type]
            assert "ix_ledger_state" not in str(plan), (statement, plan)
    assert len(seen) >= 7
