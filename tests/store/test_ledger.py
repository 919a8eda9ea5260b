from __future__ import annotations

from sqlalchemy import Connection, Engine

from ingest.errors import UnusableDump
from ingest.store import ledger, payloads
from ingest.store.transactions import writing
from tests.cleaners import cleaned_of
from tests.store.test_payloads import dump

FAULT = UnusableDump("crashed", "its process\x00 ended \ud800")


def states(connection: Connection, *names: bytes) -> list[tuple[str, int]]:
    found = ledger.standings(connection, [dump(name).dump_id for name in names])
    return [(standing.state, standing.attempts) for standing in found.values()]


def test_the_life_of_a_dump(engine: Engine) -> None:
    one = dump(b"one")
    with writing(engine) as connection:
        payloads.receive(connection, [one])
        assert states(connection, b"one") == [("received", 0)]
        ledger.begin(connection, [one.dump_id])
        assert states(connection, b"one") == [("cleaning", 1)]
        ledger.give_back(connection, [one.dump_id])
        assert states(connection, b"one") == [("received", 0)]
        ledger.begin(connection, [one.dump_id])
        ledger.begin(connection, [one.dump_id])
        assert states(connection, b"one") == [("cleaning", 2)]
        ledger.bury(connection, one.dump_id, FAULT, "1", "Traceback: …\n" * 10_000)
        assert states(connection, b"one") == [("dead", 2)]
        (dead,) = ledger.dead(connection)
        assert (dead.name, dead.reason, dead.message) == (
            "a.txt",
            "crashed",
            "its process\ufffd ended \ufffd",
        )
        assert dead.has_payload
        assert len(dead.traceback or "") == ledger.TRACEBACK_CHARACTERS
        ledger.open_again(connection, [one.dump_id])
        assert states(connection, b"one") == [("received", 0)]
        assert ledger.dead(connection) == []
        ledger.finish(connection, [cleaned_of(b"one")], "7")
        assert ledger.standings(connection, [one.dump_id])[one.dump_id].version == "7"
        assert states(connection, b"one") == [("done", 0)]


def test_a_death_that_no_pipeline_saw_forgets_no_earlier_cleaning(engine: Engine) -> None:
    one = dump(b"one")
    with writing(engine) as connection:
        payloads.receive(connection, [one])
        ledger.finish(connection, [cleaned_of(b"one")], "7")
        ledger.open_again(connection, [one.dump_id])
        ledger.bury(connection, one.dump_id, FAULT, None)
        assert ledger.standings(connection, [one.dump_id])[one.dump_id].version == "7"
        assert ledger.places_to_store(connection, [one.dump_id])[one.dump_id].cleaned_before


def test_only_the_finished_are_opened_again_and_only_work_is_given_back(engine: Engine) -> None:
    batch = [dump(name, f"{n}.txt") for n, name in enumerate((b"waiting", b"done", b"dead", None))]
    ids = [one.dump_id for one in batch]
    with writing(engine) as connection:
        payloads.receive(connection, batch)
        ledger.begin(connection, ids[1:])
        ledger.finish(connection, [cleaned_of(b"done")], "1")
        for dump_id in ids[2:]:
            ledger.bury(connection, dump_id, UnusableDump("empty", "nothing"), "1")
        ledger.give_back(connection, ids)
        found = ledger.standings(connection, ids)
        assert [found[i].state for i in ids] == ["received", "done", "dead", "dead"]
        assert ledger.unfinished(connection) == 1
        assert ledger.open_again(connection, ids[::-1]) == [ids[2], ids[1]]
        found = ledger.standings(connection, ids)
        assert [(found[i].state, found[i].attempts) for i in ids] == [
            ("received", 0),
            ("received", 0),
            ("received", 0),
            ("dead", 1),
        ]


def test_dumps_to_clean_again_are_chosen_by_version_and_source_in_the_order_of_receiving(
    engine: Engine,
) -> None:
    batch = [dump(name, source=source) for name, source in ((b"z", "one"), (b"y", "two"), (b"x", "one"))]
    ids = [one.dump_id for one in batch]
    with writing(engine) as connection:
        payloads.receive(connection, batch)
        ledger.finish(connection, [cleaned_of(b"z"), cleaned_of(b"x")], "1")
        ledger.finish(connection, [cleaned_of(b"y")], "2")

        def chosen(version: str | None, source: str | None = None, after: int = 0) -> list[str]:
            selection = ledger.Selection(version, source)
            found = ledger.done_after(connection, selection, after, 10)
            assert ledger.count_done(connection, selection, after) == len(found)
            return [dump_id for _, dump_id in found]

        assert chosen(None) == ids
        assert chosen("2") == [ids[0], ids[2]]
        assert chosen(None, "two") == [ids[1]]
        [(first, _)] = ledger.done_after(connection, ledger.Selection(None), 0, 1)
        assert chosen(None, after=first) == ids[1:]


def test_counts_name_every_state_in_order(engine: Engine) -> None:
    with writing(engine) as connection:
        payloads.receive(connection, [dump(b"a"), dump(b"b")])
        ledger.begin(connection, [dump(b"b").dump_id])
        assert list(ledger.counts(connection).items()) == [
            ("received", 1),
            ("queued", 0),
            ("cleaning", 1),
            ("done", 0),
            ("dead", 0),
        ]


def test_the_dead_come_in_the_order_asked_for(engine: Engine) -> None:
    batch = [dump(bytes([n]), f"{n}") for n in range(5)]
    with writing(engine) as connection:
        payloads.receive(connection, batch)
        for one in batch[:4]:
            ledger.bury(connection, one.dump_id, FAULT, "1")
        asked = [batch[n].dump_id for n in (3, 4, 1)]
        assert [d.name for d in ledger.dead(connection, asked)] == ["3", "1"]
