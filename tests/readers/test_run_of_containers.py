"""Containers through a whole run: their faults are dead dumps with a reason, and mended ones come alive."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from sqlalchemy import Engine

from ingest.readers.files import dumps_of
from ingest.run.main import Report, run
from ingest.settings import Settings
from ingest.store import ledger, records
from ingest.store.transactions import reading
from tests.readers.packing import http, tarred, warc_record, zipped

PROSE = "The council met on Tuesday and agreed to close the old bridge for two years, the mayor said.\n"


def story(place: str) -> bytes:
    return f"Bridge in {place} to close\n\n{PROSE * 3}It lies in {place}.\n".encode()


def run_of(folder: Path, engine: Engine) -> Report:
    settings = Settings(workers=1, batch=2)
    return run(dumps_of([str(folder)], payload_bytes=settings.payload_bytes), engine, settings)


def test_a_folder_with_containers(tmp_path: Path, engine: Engine) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.zip").write_bytes(zipped({"1.txt": story("Aberdeen"), "x.bin": bytes(5000)}))
    (folder / "b.tar.gz").write_bytes(gzip.compress(tarred({"2.txt": story("Bath")}))[:-20])
    lines = [json.dumps({"text": story(place).decode(), "id": place}) for place in ("Cardiff", "Derby")]
    (folder / "c.jsonl").write_text("\n".join(["{broken", *lines]), encoding="utf-8")
    page = (
        "<html><body>"
        + "".join(f"<p>{line}</p>" for line in story("Exeter").decode().splitlines())
        + "</body></html>"
    )
    (folder / "d.warc").write_bytes(warc_record(block=http(page.encode()), url="http://example.org/exeter"))
    report = run_of(folder, engine)
    assert report.done == 5
    assert {(dump.name.removeprefix(f"{folder}/"), dump.reason) for dump in report.dead} == {
        ("a.zip!x.bin", "binary"),
        ("b.tar.gz", "unreadable"),
        ("c.jsonl:1", "unreadable"),
    }
    with reading(engine) as connection:
        found = list(records.records_of(connection, report.dump_ids))
    assert [
        next(p for p in ("Aberdeen", "Bath", "Cardiff", "Derby", "Exeter") if p in r["text"]) for r in found
    ] == [
        "Aberdeen",
        "Bath",
        "Cardiff",
        "Derby",
        "Exeter",
    ]
    assert found[-1]["url"] == "http://example.org/exeter"
    again = run_of(folder, engine)
    assert (again.done, again.known, again.dump_ids) == (0, 8, report.dump_ids)


def test_a_line_that_is_mended_is_dead_no_more(tmp_path: Path, engine: Engine) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "c.jsonl").write_text('{"text": "cut off', encoding="utf-8")
    assert [dump.name for dump in run_of(folder, engine).dead] == [f"{folder}/c.jsonl:1"]
    (folder / "c.jsonl").write_text(json.dumps({"text": story("Derby").decode(), "id": 7}), encoding="utf-8")
    report = run_of(folder, engine)
    assert (report.done, report.dead) == (1, [])
    with reading(engine) as connection:
        assert ledger.dead(connection) == []
