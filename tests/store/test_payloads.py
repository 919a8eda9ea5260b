from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from ingest.errors import UnusableDump
from ingest.model import Dump
from ingest.store import ledger, payloads
from ingest.store.opening import open_engine
from ingest.store.payloads import Missing
from ingest.store.schema import dumps, sightings
from ingest.store.transactions import reading, writing


def dump(
    payload: bytes | None, name: str = "a.txt", source: str | None = "here", url: str | None = None
) -> Dump:
    dump_id = hashlib.sha256(payload or name.encode()).hexdigest()
    fault = None if payload is not None else ("unreadable", "gone")
    return Dump(dump_id, payload, name, source, url, None, len(payload or b""), fault)


@given(st.lists(st.binary(max_size=200), max_size=12))
def test_payloads_come_back_byte_for_byte(contents: list[bytes]) -> None:
    engine = open_engine("sqlite://")
    batch = [dump(content, f"{n}.txt") for n, content in enumerate(contents)]
    with writing(engine) as connection:
        payloads.receive(connection, batch)
        assert not payloads.missing(connection, batch)
        found = payloads.dumps_in(connection, [d.dump_id for d in batch])
    assert [d.payload for d in found] == contents
    engine.dispose()


def test_the_same_bytes_again_are_a_further_sighting(engine: Engine) -> None:
    first, second = dump(b"x", "a"), dump(b"x", "b", None, "https://example.org/")
    with writing(engine) as connection:
        payloads.receive(connection, [first])
        assert payloads.missing(connection, [first, second]) == Missing(
            (), (), ((first.dump_id, "", "b", "https://example.org/"),)
        )
        for _ in range(2):
            payloads.receive(connection, [first, second, second])
        assert connection.scalar(select(func.count()).select_from(dumps)) == 1
        assert connection.scalar(select(func.count()).select_from(sightings)) == 2
        assert payloads.first_sightings(connection, [first.dump_id]) == {
            first.dump_id: (first.dump_id, "here", "a", "")
        }


def test_a_dump_given_up_for_want_of_its_bytes_starts_anew_when_they_come(engine: Engine) -> None:
    there = dump(b"x")
    gone = Dump(there.dump_id, None, "a.txt", "here", size=9, fault=("too-large", "over the limit"))
    with writing(engine) as connection:
        payloads.receive(connection, [gone])
        ledger.begin(connection, [gone.dump_id])
        ledger.bury(connection, gone.dump_id, UnusableDump("too-large", "over the limit"), "1")
        payloads.receive(connection, [there])
        assert ledger.standings(connection, [gone.dump_id])[gone.dump_id].state == "received"
        assert ledger.standings(connection, [gone.dump_id])[gone.dump_id].attempts == 0
        assert payloads.dumps_in(connection, [gone.dump_id])[0].payload == b"x"


def test_forget_spares_dumps_with_bytes(engine: Engine) -> None:
    kept, hollow = dump(b"x"), dump(None, "b.txt")
    with writing(engine) as connection:
        payloads.receive(connection, [kept, hollow])
        payloads.forget(connection, [kept.dump_id, hollow.dump_id, "0" * 64])
    with reading(engine) as connection:
        assert connection.scalars(select(dumps.c.dump_id)).all() == [kept.dump_id]
        assert list(ledger.standings(connection, [kept.dump_id, hollow.dump_id])) == [kept.dump_id]


def test_names_that_no_database_takes_are_made_storable(engine: Engine) -> None:
    with writing(engine) as connection:
        batch = [dump(b"x", "a\x00b\udcff", "s\udcff")]
        payloads.receive(connection, batch)
        assert not payloads.missing(connection, batch)


def test_many_at_once(engine: Engine) -> None:
    batch = [dump(str(n).encode(), f"{n}.txt") for n in range(1300)]
    with writing(engine) as connection:
        payloads.receive(connection, batch)
        ids = [d.dump_id for d in batch]
        assert [d.payload for d in payloads.dumps_in(connection, ids)] == [d.payload for d in batch]
        assert len(ledger.standings(connection, ids)) == 1300
