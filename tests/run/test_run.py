from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from ingest.errors import Unavailable
from ingest.readers.files import dumps_of
from ingest.run import job
from ingest.run.main import Report, run
from ingest.settings import Settings
from ingest.store import ledger, records
from ingest.store.opening import open_engine
from ingest.store.transactions import reading, writing
from tests.run.inputs import contents, make_inputs

TESTS = Path(__file__).parent.parent


def run_on(
    folder: Path, engine: Engine, cleaner: str = "clean", version: str = "1", **settings: Any
) -> Report:
    chosen = Settings(**{"workers": 2, "batch": 4, **settings})
    dumps = dumps_of([str(folder)], payload_bytes=chosen.payload_bytes)
    return run(dumps, engine, chosen, cleaner=f"tests.cleaners:{cleaner}", version=version)


def reasons(report: Report) -> dict[str, str]:
    return {Path(dump.name).name: dump.reason for dump in report.dead}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_inputs(tmp_path_factory.mktemp("inputs") / "in", 48)


@pytest.fixture(scope="module")
def expected(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What one process gives that is never interrupted, everything in one batch."""
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('expected') / 'store.sqlite'}")
    run_on(inputs, engine, workers=1, batch=1000)
    found = contents(engine)
    engine.dispose()
    return found


def test_the_expected_result_holds_every_case(expected: Any) -> None:
    assert {row["copy_kind"] for row in expected["articles"]} == {None, "exact", "near"}
    assert {row["state"] for row in expected["ledger"]} == {"done", "dead"}
    assert {row["reason"] for row in expected["ledger"]} == {None, "empty", "failed"}
    assert {row["parts"] for row in expected["articles"]} == {1, 2}


def test_results_do_not_depend_on_who_finishes_first(inputs: Path, engine: Engine, expected: Any) -> None:
    report = run_on(inputs, engine, cleaner="slow_clean", workers=3)
    assert contents(engine) == expected
    with reading(engine) as connection:
        sources = [r["dump_id"] for r in records.records_of(connection, report.dump_ids)]
    order = [dump.dump_id for dump in dumps_of([str(inputs)], payload_bytes=10**6)]
    assert [dump_id for dump_id in order if dump_id in sources] == list(dict.fromkeys(sources))


def test_a_second_run_finds_nothing_to_do(inputs: Path, engine: Engine) -> None:
    first = run_on(inputs, engine)
    before = contents(engine)
    second = run_on(inputs, engine, cleaner="does_not_exist")  # no process is started
    assert (first.known, second.known, second.done) == (0, 48, 0)
    assert second.dead == first.dead
    assert second.dump_ids == first.dump_ids
    assert contents(engine) == before


def test_killed_at_any_moment_the_next_run_ends_as_if_it_had_not_been(
    inputs: Path, engine: Engine, store_url: str, expected: Any
) -> None:
    rng = random.Random(7)  # noqa: S311
    command = [sys.executable, str(TESTS / "run" / "runner.py"), str(inputs), store_url]
    environment = {"PYTHONPATH": f"{TESTS.parent}", "PATH": ""}
    for _ in range(5):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0, 2))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    run_on(inputs, engine)
    assert contents(engine) == expected


def test_interrupted_it_keeps_what_is_finished_and_continues(
    inputs: Path, engine: Engine, expected: Any
) -> None:
    settings = Settings(workers=2, batch=4)
    heard = 0

    def interrupt(finished: int) -> None:
        nonlocal heard
        heard += finished
        if heard >= 8:
            signal.raise_signal(signal.SIGINT)

    dumps = dumps_of([str(inputs)], payload_bytes=10**6)
    first = run(dumps, engine, settings, cleaner="tests.cleaners:slow_clean", version="1", watch=interrupt)
    assert first.interrupted
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with reading(engine) as connection:
        counts = ledger.counts(connection)
    assert 8 <= counts["done"] + counts["dead"] < 48
    assert counts["cleaning"] == 0  # given back
    second = run_on(inputs, engine)
    assert not second.interrupted
    assert contents(engine) == expected


def test_poison_costs_itself_and_nothing_else(
    tmp_path: Path, engine: Engine, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    poison = {
        "kill": "crashed",
        "exit": "crashed",
        "hang": "timeout",
        "raise": "failed",
        "panic": "failed",
        "binary": "binary",
    }
    for n, name in enumerate([*poison, "print"]):
        (folder / f"{n}-{name}").write_text(f"!{name}\n")
        (folder / f"{n}-well").write_text(f"a story {n}\n")
    (folder / "9-once").write_text(f"!once {tmp_path / 'mark'}\n")
    report = run_on(folder, engine, attempts=2, time_limit=1.5)
    assert {name[2:]: reason for name, reason in reasons(report).items()} == poison
    assert report.done == 9
    assert capfd.readouterr().out == ""  # what a library prints does not get into the data
    found = {Path(dump.name).name[2:]: dump for dump in report.dead}
    assert [found[name].attempts for name in poison] == [2, 2, 2, 1, 1, 1]
    assert "SIGKILL" in found["kill"].message
    assert "code 3" in found["exit"].message
    assert "not foreseen" in (found["raise"].traceback or "")
    assert found["binary"].traceback is None
    with reading(engine) as connection:
        assert ledger.counts(connection)["cleaning"] == 0

    again = run_on(folder, engine, cleaner="does_not_exist")  # the dead stay dead, and are named again
    assert reasons(again) == reasons(report)


def test_few_large_dumps_fill_the_window(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "WINDOW_BYTES", 1000)
    monkeypatch.setattr(sys.modules["ingest.run.main"], "BATCH_BYTES", 600)
    for n in range(9):
        (tmp_path / f"{n}.txt").write_text(f"story {n}\n" * 50)
    assert run_on(tmp_path / "*.txt", engine, batch=1000).done == 9


def test_a_cleaner_that_cannot_be_loaded_blames_no_dump(inputs: Path, engine: Engine) -> None:
    with pytest.raises(Unavailable, match="does_not_exist"):
        run_on(inputs, engine, cleaner="does_not_exist")
    with reading(engine) as connection:
        assert ledger.counts(connection)["dead"] == 0


def test_another_version_cleans_again(tmp_path: Path, engine: Engine) -> None:
    (tmp_path / "a.txt").write_text("a story\n")
    run_on(tmp_path / "a.txt", engine)
    report = run_on(tmp_path / "a.txt", engine, version="2")
    assert (report.done, report.known) == (1, 0)
    with reading(engine) as connection:
        (record,) = records.records_of(connection, report.dump_ids)
    assert (record["pipeline_version"], record["revision"]) == ("2", 1)  # it says what it said before


def test_equal_dumps_are_cleaned_once_and_seen_twice(tmp_path: Path, engine: Engine) -> None:
    for name in "abcdefg":
        (tmp_path / f"{name}.txt").write_text("one story\n")
    report = run_on(tmp_path / "*.txt", engine, batch=3)
    assert (len(report.dump_ids), report.done, report.repeated) == (1, 1, 6)
    assert [Path(row["name"]).name for row in contents(engine)["sightings"]] == [
        f"{n}.txt" for n in "abcdefg"
    ]


def test_files_that_cannot_be_had_are_dead_until_they_can(tmp_path: Path, engine: Engine) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "large.txt").write_text("a long story\n" * 10)
    (folder / "link.txt").symlink_to(tmp_path / "later")
    (folder / "well.txt").write_text("story\n")
    assert reasons(run_on(folder, engine, payload_bytes=50)) == {
        "large.txt": "too-large",
        "link.txt": "unreadable",
    }
    (tmp_path / "later").write_text("it came later\n")
    report = run_on(folder, engine)
    assert (report.dead, report.done, report.known) == ([], 2, 1)
    with reading(engine) as connection:
        assert ledger.counts(connection) == {"received": 0, "queued": 0, "cleaning": 0, "done": 3, "dead": 0}


def test_the_first_sighting_names_the_source(tmp_path: Path, engine: Engine) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("story\n")
    run_on(tmp_path / "one", engine)
    run_on(tmp_path / "two", engine, version="2")
    with reading(engine) as connection:
        assert [record["source"] for _, record in records.records_after(connection, 0)] == ["one"]


def test_attempts_of_runs_that_were_killed_do_not_condemn(tmp_path: Path, engine: Engine) -> None:
    (tmp_path / "a.txt").write_text("story\n")
    run_on(tmp_path / "a.txt", engine)
    with writing(engine) as connection:
        dump_ids = run_on(tmp_path / "a.txt", engine).dump_ids
        for _ in range(5):
            ledger.begin(connection, dump_ids)
    assert run_on(tmp_path / "a.txt", engine).done == 1
