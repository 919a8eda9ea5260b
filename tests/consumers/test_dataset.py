"""The documents as a data set in a folder: it is what the store holds, whenever an export ended."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import fsspec
import pytest
from sqlalchemy import Engine, text

from ingest.dataset import export as dataset
from ingest.dataset.export import DataSet, Exported
from ingest.dataset.manifest import NAME as MANIFEST
from ingest.errors import UsageError
from ingest.export import Format
from ingest.store import records
from ingest.store.transactions import reading, writing
from tests.store.test_documents import LONG, OTHER, store, stored


def export(engine: Engine, url: Path | str, form: Format = "jsonl", *, only_unique: bool = False) -> Exported:
    with reading(engine) as connection:
        return DataSet(str(url), form, only_unique=only_unique).export(connection, lambda _: None)


def held(folder: Path) -> dict[str, dict[str, Any]]:
    """All documents of the files, by their paths and ids; nothing else is there but the manifest."""
    said = json.loads((folder / MANIFEST).read_text())
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    assert files.keys() == {MANIFEST, *said["files"]}
    found = {}
    for name, file in said["files"].items():
        lines = files[name].read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(lines), sha256(lines).hexdigest())
        rows = [json.loads(line) for line in lines.splitlines()]
        assert file["documents"] == len(rows)
        found[name] = {row["document_id"]: row for row in rows}
    return found


def everything(engine: Engine) -> dict[str, Any]:
    with reading(engine) as connection:
        return {row["document_id"]: dict(row) for _, row in records.records_after(connection, 0)}


def test_it_follows_the_store(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    with writing(engine) as connection:
        first = stored(connection, f"Title\n{LONG}\n# menu", "wire")
        stored(connection, f"Other\n{OTHER}", "a/b c")
        other_day = stored(connection, "Third\n" + " ".join(f"third{n}" for n in range(80)), "wire")
        connection.execute(
            text("UPDATE dumps SET received_at = '2026-01-02T03:04:05+00:00' WHERE dump_id = :id"),
            {"id": other_day.dump_id},
        )
    assert export(engine, folder).written == 3
    found = held(folder)
    assert [path.partition("/")[2] for path in found] == [
        "origin=wire/documents.jsonl", "origin=a%2Fb%20c/documents.jsonl", "origin=wire/documents.jsonl",
    ]  # fmt: skip
    assert {k: v for rows in found.values() for k, v in rows.items()} == everything(engine)
    assert export(engine, folder).written == 0

    # Revised, retracted, and a partition that has nothing left.
    with writing(engine) as connection:
        store(connection, replace(first, articles=(replace(first.articles[0], title="Better"),)))
        store(connection, replace(other_day, articles=()))
    again = export(engine, folder)
    assert (again.written, again.removed, again.documents) == (1, 1, 2)
    found = held(folder)
    assert {k: v for rows in found.values() for k, v in rows.items()} == everything(engine)


def test_interrupted_it_goes_on(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "set"
    monkeypatch.setattr(dataset, "_CHECKPOINT", 1)
    with writing(engine) as connection:
        for n in range(4):
            stored(connection, f"Title {n}\n" + " ".join(f"w{n}x{i}" for i in range(80)), f"source-{n}")

    def stop(done: int, after: list[int]) -> None:
        after.append(done)
        if len(after) == 2:
            raise KeyboardInterrupt

    heard: list[int] = []
    with reading(engine) as connection, pytest.raises(KeyboardInterrupt):
        DataSet(str(folder), "jsonl", only_unique=False).export(connection, lambda n: stop(n, heard))
    assert len(held(folder)) == 2
    assert json.loads((folder / MANIFEST).read_text())["cursor"] == 0
    assert export(engine, folder).written == 2
    assert {k: v for rows in held(folder).values() for k, v in rows.items()} == everything(engine)


def test_a_bucket_and_only_what_is_unique(engine: Engine) -> None:
    url = "memory://ingest-data-set"
    system = fsspec.filesystem("memory")
    with writing(engine) as connection:
        first = stored(connection, f"Title\n{LONG}", "wire")
        stored(connection, f"Title\n{LONG}\n# menu", "copies")
    try:
        assert export(engine, url, only_unique=True).documents == 1
        [path] = [path for path in system.find("/ingest-data-set") if not path.endswith(MANIFEST)]
        assert json.loads(system.cat_file(path))["document_id"] == first.articles[0].document_id
        with pytest.raises(UsageError, match="--format jsonl --only-unique"):
            export(engine, url, "parquet")
        with writing(engine) as connection:
            connection.execute(text("UPDATE counters SET value = 0 WHERE name = 'articles'"))
        with pytest.raises(UsageError, match="ahead of the store"):
            export(engine, url, only_unique=True)
    finally:
        system.rm("/ingest-data-set", recursive=True)


def test_a_manifest_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    for content in ("", "[]", "{}", '{"version": 2, "files": {}}', '{"files": {"a": {"size": 1}}}'):
        (tmp_path / MANIFEST).write_text(content)
        with pytest.raises(UsageError, match="none of ours"):
            DataSet(str(tmp_path), "jsonl", only_unique=False)
    for url in ("nobody://x/y", "s3x://bucket"):
        with pytest.raises(UsageError):
            DataSet(url, "jsonl", only_unique=False)
