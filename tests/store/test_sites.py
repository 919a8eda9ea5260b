"""What sources repeat, on each database."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from random import Random

import pytest
from sqlalchemy import Connection, Engine, select

from ingest.errors import UsageError
from ingest.model import Dump, Site
from ingest.run.learning import learn_source
from ingest.run.results import write_results
from ingest.run.worker import Success
from ingest.settings import Settings, Sites
from ingest.stages.deduplicate import sketches_of
from ingest.stages.furniture import lines_of
from ingest.store import ledger, payloads, sites
from ingest.store.schema import page_lines
from ingest.store.transactions import reading, writing
from tests.cleaners import cleaned_of
from tests.store.test_payloads import dump


def results_of(dumps: Sequence[Dump], furniture: str = "") -> dict[str, Success]:
    found = {}
    for one in dumps:
        cleaned = cleaned_of(one.payload or b"")
        found[one.dump_id] = Success(cleaned, sketches_of(cleaned), lines_of(cleaned), furniture)
    return found


def stories(number: int, source: str | None = "wire", url: str | None = None) -> list[Dump]:
    """Different ones under one banner."""
    random = Random(number)  # noqa: S311
    return [
        dump(f"# Banner\n{' '.join(random.choices('abcdefghij', k=150))}\n".encode(), f"{n}", source, url)
        for n in range(number)
    ]


def store(engine: Engine, dumps: Sequence[Dump], **sites_: bool) -> None:
    with writing(engine) as connection:
        payloads.receive(connection, dumps)
        write_results(connection, results_of(dumps), Settings(sites=Sites(**sites_)), version="1")  # type: ignore[arg-type]


def lines_in(connection: Connection, source: str = "wire") -> list[tuple[str, int]]:
    return [(line.line, line.stories) for line in sites.lines_of(connection, source)]


def test_the_name_of_a_source() -> None:
    assert sites.source_of("wire", "https://example.org/a") == "wire"
    assert sites.source_of(None, "https://www.Example.org:8080/a") == "example.org"
    assert sites.source_of("", "") is None
    assert sites.source_of(None, "no address") is None
    assert sites.source_of(None, "http://[") is None


def test_of_dumps_that_nobody_knows_the_source_of_nothing_is_learned(engine: Engine) -> None:
    store(engine, stories(6, source=None))
    with reading(engine) as connection:
        assert connection.execute(select(page_lines)).all() == []
        assert sites.with_news(connection, 5) == []


def test_the_host_of_the_address_stands_in_for_a_source(engine: Engine) -> None:
    store(engine, stories(6, None, "https://www.example.org/story"))
    with reading(engine) as connection:
        assert sites.with_news(connection, 5) == ["example.org"]


def test_from_lines_to_furniture_in_force(engine: Engine) -> None:
    dumps = stories(6)
    store(engine, dumps[:4])
    assert learn_source(engine, "wire", Sites()).lines == 0  # too few
    store(engine, dumps[4:])
    learned = learn_source(engine, "wire", Sites())
    assert (learned.lines, learned.changed) == (1, True)
    with reading(engine) as connection:
        assert lines_in(connection) == [("# banner", 6)]
        assert sites.in_force(connection, ["wire", "other", None]) == {
            "wire": Site(frozenset({"# banner"})),
            "other": Site(),
            None: Site(),
        }
        assert sites.with_news(connection, 5) == []
        [known] = sites.listed(connection)
        assert (known.lines, known.pages, known.stories) == (1, 6, 6)
    again = learn_source(engine, "wire", Sites())
    assert (again.lines, again.changed) == (1, False)


def test_doing_a_dump_again_counts_it_once(engine: Engine) -> None:
    dumps = stories(5)
    for _ in range(3):
        store(engine, dumps)
        learn_source(engine, "wire", Sites())
    with reading(engine) as connection:
        assert lines_in(connection) == [("# banner", 5)]


def test_copies_are_one_story(engine: Engine) -> None:
    text = " ".join("abcdefghij" * 12)
    store(engine, [dump(f"# Banner {n}\nAll say this.\n{text}\n".encode(), f"{n}", "wire") for n in range(9)])
    assert learn_source(engine, "wire", Sites()).lines == 0
    with reading(engine) as connection:
        assert sites.find(connection, "wire").stories == 1


def test_the_newest_dumps_count_and_older_ones_are_not_kept(engine: Engine) -> None:
    dumps = stories(8)
    for one in reversed(dumps):  # whoever is done first: it is the order of receiving that counts
        with writing(engine) as connection:
            payloads.receive(connection, dumps)
            write_results(connection, results_of([one]), Settings(), version="1")
    learn_source(engine, "wire", Sites(window=5))
    with reading(engine) as connection:
        assert lines_in(connection) == [("# banner", 5)]
        kept = select(page_lines.c.dump_id).where(page_lines.c.lines.is_not(None))
        assert set(connection.scalars(kept)) == {one.dump_id for one in dumps[3:]}


def test_a_line_of_few_of_the_stories_is_none(engine: Engine) -> None:
    store(engine, [dump(f"# {'A' if n < 5 else n}\nstory {n}\n".encode(), f"{n}", "wire") for n in range(30)])
    assert learn_source(engine, "wire", Sites()).lines == 0
    assert learn_source(engine, "wire", Sites(share=0.1)).lines == 1


def test_a_source_is_counted_again_when_a_tenth_is_new(engine: Engine) -> None:
    dumps = stories(32)
    store(engine, dumps[:4])
    with reading(engine) as connection:
        assert sites.with_news(connection, 5) == []  # too few for anything
    store(engine, dumps[:30])
    learn_source(engine, "wire", Sites())
    for new, news in ((dumps[30:31], []), (dumps[31:], []), (stories(31)[:1], ["wire"])):
        store(engine, new)
        with reading(engine) as connection:
            assert sites.with_news(connection, 5) == news


def test_turned_off_nothing_is_counted(engine: Engine) -> None:
    store(engine, stories(6), learn=False)
    with reading(engine) as connection:
        assert sites.with_news(connection, 5) == []
    assert learn_source(engine, "wire", Sites()).lines == 0


def test_what_was_cleaned_with_other_furniture_is_outdated(engine: Engine) -> None:
    dumps = stories(6)
    store(engine, dumps)
    store(engine, [dump(b"story of another\n", "o", "other")])
    selection = ledger.Selection("1")
    with reading(engine) as connection:
        assert ledger.count_done(connection, selection, 0) == 0
    learn_source(engine, "wire", Sites())
    with writing(engine) as connection:
        assert ledger.count_done(connection, selection, 0) == 6
        version = sites.find(connection, "wire").version
        write_results(connection, results_of(dumps[:4], version), Settings(), version="1")
        assert [dump_id for _, dump_id in ledger.done_after(connection, selection, 0, 9)] == [
            one.dump_id for one in dumps[4:]
        ]


def test_a_source_that_nobody_knows(engine: Engine) -> None:
    with pytest.raises(UsageError, match="no finished dump is of a source 'wire'"):
        learn_source(engine, "wire", Sites())
    with reading(engine) as connection, pytest.raises(UsageError, match="nothing is known"):
        sites.find(connection, "wire")


def test_many_that_store_and_learn_at_once_lose_nothing_and_never_wait_for_each_other(engine: Engine) -> None:
    """Some do dumps again that others count: rows are locked in one order, whoever comes."""
    dumps = stories(40)
    with writing(engine) as connection:
        payloads.receive(connection, dumps)
        write_results(connection, results_of(dumps[:10]), Settings(), version="1")
    start, failed = threading.Barrier(6), list[BaseException]()

    def work(seed: int) -> None:
        random = Random(seed)  # noqa: S311
        start.wait()
        try:
            for _ in range(6):
                if seed % 3 == 0:
                    learn_source(engine, "wire", Sites(window=20))
                    continue
                results = results_of(random.sample(dumps, 20))
                with writing(engine) as connection:
                    write_results(connection, results, Settings(), version="1")
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    store(engine, dumps)
    learn_source(engine, "wire", Sites())
    with reading(engine) as connection:
        assert lines_in(connection) == [("# banner", 40)]
