"""The documents as a data set in a folder: it is what the store holds, whenever an export ended."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fsspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from ingest.dataset import export as dataset
from ingest.dataset.export import DataSet, Exported
from ingest.dataset.manifest import NAME as MANIFEST
from ingest.dataset.paths import partition_of, path_of
from ingest.errors import UsageError
from ingest.export import Format
from ingest.settings import NearCopies
from ingest.store import payloads, records
from ingest.store.opening import open_engine
from ingest.store.partitions import Partition
from ingest.store.representatives import representatives
from ingest.store.transactions import reading, writing
from ingest.store.values import storable
from tests.cleaners import cleaned_of
from tests.store.test_documents import LONG, OTHER, store, stored
from tests.store.test_payloads import dump

FIRST = NearCopies()


def export(
    engine: Engine,
    url: Path | str,
    form: Format = "jsonl",
    *,
    only_unique: bool = False,
    near_copies: NearCopies = FIRST,
) -> Exported:
    with reading(engine) as connection:
        target = DataSet(str(url), form, near_copies, only_unique=only_unique)
        return target.export(connection, lambda _: None)


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
        DataSet(str(folder), "jsonl", FIRST, only_unique=False).export(connection, lambda n: stop(n, heard))
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


LONGEST = NearCopies(representative="longest")
TRUSTED = NearCopies(representative="trusted", trusted=("observer",))


def test_a_file_is_written_anew_where_another_document_stands_for_its_group(
    engine: Engine, tmp_path: Path
) -> None:
    folder = tmp_path / "set"

    def exported(near_copies: NearCopies = LONGEST) -> tuple[set[str], int]:
        """-> whose documents it holds, and how many files were written or removed for that."""
        done = export(engine, folder, only_unique=True, near_copies=near_copies)
        sources = {row["source"] for rows in held(folder).values() for row in rows.values()}
        return sources, done.written + done.removed

    with writing(engine) as connection:
        stored(connection, f"Title\n{LONG}", "wire")
        stored(connection, f"Alone\n{OTHER}", "elsewhere")
    assert exported() == ({"elsewhere", "wire"}, 2)
    with writing(engine) as connection:
        longer = stored(connection, f"Title\n{LONG} and more", "gazette")
        stored(connection, f"Title\n{LONG[:400]}", "observer")
    # The file of the wire is no more, though its document is what it was.
    assert exported() == ({"elsewhere", "gazette"}, 3)
    assert exported() == ({"elsewhere", "gazette"}, 0)
    with writing(engine) as connection:
        store(connection, replace(longer, articles=()))
    assert exported() == ({"elsewhere", "wire"}, 2)
    # Other settings are as good a reason.
    assert exported(TRUSTED) == ({"elsewhere", "observer"}, 2)
    assert exported(FIRST) == ({"elsewhere", "wire"}, 2)


STEPS = st.lists(
    st.tuples(
        st.integers(0, 5),  # a dump,
        st.sampled_from(["wire", "observer", "gazette"]),
        st.integers(0, 3),  # a piece of a story, of some length, that its document holds now; none at all
        st.integers(0, 12),
        st.sampled_from([None, FIRST, LONGEST, TRUSTED]),  # an export after it
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_whatever_came_between_two_exports_it_holds_who_stands_for_each_group(
    steps: list[tuple[int, str, int, int, NearCopies | None]],
) -> None:
    words = [f"word{n}" for n in range(160)]
    engine = open_engine("sqlite://")
    with TemporaryDirectory() as folder:
        for number, source, begin, length, near_copies in steps:
            with writing(engine) as connection:
                cleaned = cleaned_of(f"# {number}\nAny story\n".encode())
                payloads.receive(connection, [dump(f"# {number}\nAny story\n".encode(), source=source)])
                text = " ".join(words[10 * begin : 10 * (begin + length)])
                articles = tuple(replace(article, text=text) for article in cleaned.articles if length)
                store(connection, replace(cleaned, articles=articles))
            if near_copies is not None:
                export(engine, folder, only_unique=True, near_copies=near_copies)
                with reading(engine) as connection:
                    everything = [record for _, record in records.records_after(connection, 0)]
                    stand = list(representatives(connection, everything, near_copies))
                rows = [row for rows in held(Path(folder)).values() for row in rows.values()]
                by_id = {row["document_id"]: dict(row) for row in stand}
                assert {row["document_id"]: row for row in rows} == by_id
    engine.dispose()


@given(st.dates(), st.none() | st.text(min_size=1))
def test_a_path_names_its_partition(day: date, source: str | None) -> None:
    partition = Partition(day.isoformat(), storable(source) if source else None)
    assert partition_of(path_of(partition, "jsonl")) == partition


def test_a_manifest_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    for content in ("", "[]", "{}", '{"version": 2, "files": {}}', '{"files": {"a": {"size": 1}}}'):
        (tmp_path / MANIFEST).write_text(content)
        with pytest.raises(UsageError, match="none of ours"):
            DataSet(str(tmp_path), "jsonl", FIRST, only_unique=False)
    for url in ("nobody://x/y", "s3x://bucket"):
        with pytest.raises(UsageError):
            DataSet(url, "jsonl", FIRST, only_unique=False)
