"""The console entry itself, as a process of its own with a data folder of its own."""

from __future__ import annotations

import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from pyarrow import parquet

from ingest.store.records import Record

STORY = (
    "The council of the small harbour town voted on Monday to rebuild the old pier after the winter storm. "
    "Work on the wooden structure is to begin in spring, and the mayor said that it would take eight months. "
    "Fishermen had asked for a concrete wall, which engineers found too heavy for the ground beneath it. "
)
OTHER = (
    "Scientists in the northern valley have counted more butterflies this summer than in any year before. "
    "The warm weeks of May let meadows bloom early, according to the survey, which volunteers carried out. "
    "Farmers were asked to mow later, so that late species would find enough flowers until the autumn. "
)


class Shell:
    """Runs the command in a folder, with a store that nobody else has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("INGEST_")},
            "INGEST_DATA": str(folder / "data"),
            "INGEST_WORKERS": "1",  # each takes a second to start; tests say where there are to be more
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PYTHONWARNINGS": "default",
            "COLUMNS": "200",
        }

    def start(self, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "ingest", *arguments]
        return subprocess.Popen(command, cwd=self.folder, env=self.env, **options)  # type: ignore[call-overload,no-any-return]

    def __call__(self, *arguments: str, stdin: bytes = b"", code: int = 0) -> tuple[str, str]:
        pipe = subprocess.PIPE
        process = self.start(*arguments, stdin=pipe, stdout=pipe, stderr=pipe)
        out, err = (stream.decode() for stream in process.communicate(stdin))
        assert process.returncode == code, err
        assert "Traceback" not in err
        return out, err


@pytest.fixture
def ingest(tmp_path: Path) -> Shell:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "1.txt").write_text(STORY)
    (folder / "2.txt").write_text(OTHER)
    (folder / "3.txt").write_text(STORY.upper())
    (folder / "4.bin").write_bytes(bytes(range(256)) * 40)
    return Shell(tmp_path)


def lines(text: str) -> list[Record]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_main_job_and_the_commands_after_it(ingest: Shell) -> None:
    out, err = ingest("run", "in", code=1)
    assert out == ""
    assert "dead: in/4.bin: binary" in err
    assert "3 documents written to clean.jsonl" in err
    written = (ingest.folder / "clean.jsonl").read_bytes()
    first, second, copy = lines(written.decode())
    assert [record["status"] for record in (first, second, copy)] == ["unique", "unique", "exact-copy"]
    assert copy["duplicate_of"] == first["document_id"]
    assert list(first) == list(Record.__annotations__)
    assert first["source"] == "in"

    _, err = ingest("run", "in", code=1)
    assert "nothing new: 4 of 4 known" in err
    assert "dead: in/4.bin: binary" in err
    assert (ingest.folder / "clean.jsonl").read_bytes() == written

    out, _ = ingest("status", "--json")
    assert json.loads(out) == {
        "dumps": {"received": 0, "queued": 0, "cleaning": 0, "done": 3, "dead": 1},
        "documents": {"unique": 2, "exact-copy": 1, "near-copy": 0},
        "workers": [],
    }
    out, _ = ingest("status")
    assert "without an article" in out

    out, err = ingest("export")
    assert out.encode() == written
    assert "next: --after 3" in err
    out, err = ingest("export", "--after", "2")
    assert lines(out) == [copy]
    out, err = ingest("export", "--after", "3")
    assert (out, "next: --after 3" in err) == ("", True)
    assert lines(ingest("export", "--only-unique")[0]) == [first, second]

    out, _ = ingest("show", copy["document_id"][:10])
    assert f"exact-copy of {first['document_id']} (similarity 1.00)" in out
    assert "FISHERMEN" in out
    out, _ = ingest("show", first["dump_id"], "--json")
    assert lines(out) == [first]
    assert "no document and no dump" in ingest("show", "ffffffffffff", code=2)[1]

    out, _ = ingest("dead", "list")
    dead_id, attempts, reason, name, message = out.rstrip("\n").split("\t")
    assert (attempts, reason, name) == ("1", "binary", "in/4.bin")
    out, _ = ingest("dead", "show", dead_id)
    assert f"message: {message}" in out
    _, err = ingest("dead", "retry", dead_id, code=1)
    assert "dead: in/4.bin: binary" in err
    assert "say which" in ingest("dead", "retry", code=2)[1]
    assert "no dead dump" in ingest("dead", "show", first["dump_id"], code=2)[1]


def test_search(ingest: Shell) -> None:
    ingest("run", "in", code=1)
    word = lines((ingest.folder / "clean.jsonl").read_text())[0]["text"].split()[3]
    out, err = ingest("search", word, "--json")
    assert {row["document_id"] for row in map(json.loads, out.splitlines())} <= {
        record["document_id"] for record in lines((ingest.folder / "clean.jsonl").read_text())
    }
    assert out
    out, err = ingest("search", word, "--limit", "1")
    assert "the newest 1 documents" in err
    assert ingest("search", "nosuchword")[1] == "0 documents\n"
    assert "at least one word" in ingest("search", "--", "-only", code=2)[1]


def test_pipes(ingest: Shell) -> None:
    out, err = ingest("run", "-", "--output", "-", "--source", "wire", stdin=STORY.encode())
    (record,) = lines(out)
    assert (record["source"], record["text"].split()[:2]) == ("wire", ["The", "council"])
    assert "standard output" in err


def test_a_reader_that_goes_away_is_no_error(ingest: Shell) -> None:
    for n in range(60):
        (ingest.folder / "in" / f"x{n}.txt").write_text(f"Number {n}. {STORY * 20}")
    ingest("run", "in", "--output", "x.jsonl", code=1)
    process = ingest.start("export", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0


def test_parquet_has_the_same_fields(ingest: Shell) -> None:
    (ingest.folder / "out").mkdir()
    ingest("run", "in", "--output", "out", code=1)
    ingest("run", "in", "--output", "out", "--format", "parquet", code=1)
    table = parquet.read_table(ingest.folder / "out" / "clean.parquet")
    assert table.to_pylist() == lines((ingest.folder / "out" / "clean.jsonl").read_text())
    ingest("export", "--after", "99", "--format", "parquet", "--output", "empty.parquet")
    empty = parquet.read_table(ingest.folder / "empty.parquet")
    assert (empty.num_rows, empty.schema) == (0, table.schema)


def test_removed_spans_are_shown_in_their_place(ingest: Shell) -> None:
    (ingest.folder / "page.txt").write_text(
        f"Harbour news\n\nShare this article\n\n{STORY}\n\n© 2024 Harbour News [b]\n"
    )
    (record,) = lines(ingest("run", "page.txt", "--output", "-")[0])
    out, _ = ingest("show", "--removed", record["document_id"])
    assert record["removals"]
    for removal in record["removals"]:
        assert f"[-{removal['text']}-] {{{removal['reason']}, {removal['rule']}}}" in out
    assert "council of the small harbour town" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "nothing*"], "nothing*"),
        (["run", "in", "--store", "what"], "sqlite:///PATH"),
        (["run", "in", "--output", "no/such/folder.jsonl"], "no/such"),
        (["run", "in", "--workers", "0"], "--workers"),
        (["run", "in", "--format", "xml"], "--format"),
        (["run"], "INPUT"),
        (["show", "a"], "too short"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_made(
    ingest: Shell, arguments: list[str], said: str
) -> None:
    out, err = ingest(*arguments, code=2)
    assert out == ""
    assert said in err
    assert not (ingest.folder / "clean.jsonl").exists()


def test_a_wrong_setting_is_named(ingest: Shell) -> None:
    ingest.env["INGEST_BATCH"] = "many"
    assert "batch" in ingest("status", code=2)[1]
    del ingest.env["INGEST_BATCH"]
    (ingest.folder / "config").mkdir()
    (ingest.folder / "config" / "default.toml").write_text("batch = [")
    assert "default.toml" in ingest("status", code=2)[1]


def test_flags_stand_over_the_environment_and_that_over_the_file(ingest: Shell) -> None:
    (ingest.folder / "config").mkdir()
    (ingest.folder / "config" / "default.toml").write_text(f'store = "sqlite:///{ingest.folder}/file.sqlite"')
    ingest("status")
    ingest.env["INGEST_STORE"] = f"sqlite:///{ingest.folder}/environment.sqlite"
    ingest("status")
    ingest("status", "--store", f"sqlite:///{ingest.folder}/flag.sqlite")
    made = {path.name for path in ingest.folder.glob("*.sqlite")}
    assert made == {"file.sqlite", "environment.sqlite", "flag.sqlite"}
    assert not (ingest.folder / "data").exists()


def test_ctrl_c_keeps_what_is_finished_and_running_again_continues(ingest: Shell) -> None:
    for n in range(400):
        (ingest.folder / "in" / f"x{n:03}.txt").write_text(
            f"Number {n} of the series.\n\n{STORY}\n\n{OTHER * 5}"
        )
    ingest.env["INGEST_BATCH"] = "8"
    (ingest.folder / "clean.jsonl").write_text("an older output\n")
    # A terminal sends Ctrl-C to every process of the group, workers too.
    process = ingest.start("run", "in", "--workers", "2", stderr=subprocess.PIPE, start_new_session=True)
    store = ingest.folder / "data" / "ingest.sqlite"
    while _done(store) < 8:
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert err.decode().startswith("interrupted: ")
    assert err.count(b"\n") == 1
    assert (ingest.folder / "clean.jsonl").read_text() == "an older output\n"
    done = _done(store)
    assert 8 <= done < 403
    _, err_again = ingest("run", "in", code=1)
    assert "403 documents written" in err_again


def test_on_a_terminal_there_is_a_bar_and_removed_text_is_struck_through(ingest: Shell) -> None:
    ours, theirs = pty.openpty()
    process = ingest.start("run", "in", "--output", "-", stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    assert process.stdout is not None
    shown = _drain(ours)  # first: a slow run draws more than a terminal holds, and would wait for its reader
    (first, *_) = lines(process.stdout.read().decode())
    process.stdout.close()
    assert process.wait() == 1
    assert b"cleaning" in shown
    assert b"4/4" in shown or b"0/4" in shown

    (ingest.folder / "page.txt").write_text(f"Share this article\n\n{STORY}\n")
    ingest("run", "page.txt", "--output", "page.jsonl")
    (record,) = lines((ingest.folder / "page.jsonl").read_text())
    ours, theirs = pty.openpty()
    ingest.env["TERM"] = "xterm-256color"
    process = ingest.start("show", record["document_id"], "--removed", stdout=theirs)
    os.close(theirs)
    assert b"\x1b[9;31m" in _drain(ours)
    assert process.wait() == 0
    assert first["part"] == 1


def test_help_names_every_command(ingest: Shell) -> None:
    out, _ = ingest("--help")
    for command in ("run", "export", "show", "status", "dead"):
        assert f"\n  {command} " in out
    assert "retry" in ingest("dead", "--help")[0]
    assert ingest("--version")[0].strip()


def _done(store: Path) -> int:
    if not store.exists():
        return 0
    with closing(sqlite3.connect(store, timeout=60)) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM ledger WHERE state = 'done'").fetchone()[0])
        except sqlite3.OperationalError:  # its tables are being made
            return 0


def _drain(terminal: int) -> bytes:
    shown = b""
    try:
        while piece := os.read(terminal, 10_000):
            shown += piece
    except OSError:  # Linux: the other end is closed
        pass
    os.close(terminal)
    return shown
