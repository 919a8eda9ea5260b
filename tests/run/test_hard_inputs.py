"""Inputs that no pipeline likes: each ends in a reason or a right result, and none stops the rest."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from ingest.readers.files import dumps_of
from ingest.run.main import run
from ingest.settings import Settings
from ingest.store import records
from ingest.store.transactions import reading

PROSE = "The council met on Tuesday and agreed to close the old bridge for two years.\n"
LIMIT = 2_000_000

GIVEN_UP = {
    "empty.txt": (b"", "empty"),
    "blank.txt": (b" \n\t\n", "empty"),
    "markup-only.html": (b"<html><body><script>x()</script></body></html>", "empty"),
    "nul.txt": (bytes(5000), "binary"),
    "picture.png": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 20, "binary"),
    "random.bin": (bytes((i * i * 31 + i // 7) % 256 for i in range(50_000)), "binary"),
    "huge-line.txt": (b"word " * (LIMIT // 4), "too-large"),
}
RESULTS = {
    "control.txt": ("The mayor\x01 said\x07 on Monday\x1f that the bridge would stay closed.\n" * 3).encode(),
    "long-line.txt": b"The bridge stays closed. " * (LIMIT // 30),
    "deep.html": b"<html><body>" + b"<div>" * 50_000 + PROSE.encode() * 3 + b"</div>" * 50_000,
    "attributes.html": b"<html><p " + b" ".join(b"a%d=1" % i for i in range(50_000)) + b">" + PROSE.encode() * 3,
    "legacy.txt": ("Der Bürgermeister sagte, die Brücke über den Fluß bleibe für zwei Jahre geschlossen.\n" * 3).encode("cp1252"),
    "mojibake.txt": ("Der Bürgermeister sagte, die Brücke bleibe geschlossen. " * 3).encode().decode("cp1252").encode(),
    "cut.txt": ("Der Bürgermeister sagte, die Brücke bleibe geschlossen. " * 3 + "ü").encode()[:-1],
}  # fmt: skip


@pytest.mark.parametrize("workers", [1, 2])
def test_hard_inputs(tmp_path: Path, engine: Engine, workers: int) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, (payload, _) in GIVEN_UP.items():
        (folder / name).write_bytes(payload)
    for name, payload in RESULTS.items():
        (folder / name).write_bytes(payload)
    (folder / "zz-good.txt").write_text("Bridge to close\n\n" + PROSE * 3, encoding="utf-8")
    report = run(
        dumps_of([str(folder)], payload_bytes=LIMIT), engine, Settings(workers=workers, payload_bytes=LIMIT)
    )
    assert {Path(d.name).name: d.reason for d in report.dead} == {
        name: reason for name, (_, reason) in GIVEN_UP.items()
    }
    assert all(d.message for d in report.dead)
    assert report.done == len(RESULTS) + 1
    with reading(engine) as connection:
        texts = [r["text"] for r in records.records_of(connection, report.dump_ids)]
    assert len(texts) == len(RESULTS) + 1
    assert not [t for t in texts if any(c < " " and c != "\n" for c in t)], "control characters reach no text"
    assert sum("Brücke" in t for t in texts) == 3
