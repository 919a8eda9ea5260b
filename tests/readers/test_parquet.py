from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from ingest.settings import Containers
from tests.readers.packing import LIMIT, found, read, zipped

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

COLUMNS: dict[str, list[Any]] = {
    "Text": ["a", None, "", "x" * (LIMIT + 1), "e"],
    "id": [1, 2, 3, 4, 5],
    "url": ["http://example.org/a", None, "u", "u", "u"],
    "beside": [[1], [], [2], [3], [4]],
}


def packed(columns: dict[str, list[Any]], **how: Any) -> bytes:
    target = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), target, **how)
    return target.getvalue()


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd", "gzip"])
def test_a_row_is_a_dump(tmp_path: Path, compression: str) -> None:
    content = packed(COLUMNS, compression=compression, row_group_size=2)
    assert found(tmp_path / "d.parquet", content) == {
        ":1 (id 1)": b"a",
        ":2 (id 2)": "unreadable",
        ":3 (id 3)": b"",
        ":4 (id 4)": "too-large",
        ":5 (id 5)": b"e",
    }
    assert read(tmp_path / "d.parquet")[0].url == "http://example.org/a"


def test_bytes_and_html(tmp_path: Path) -> None:
    (tmp_path / "d.parquet").write_bytes(packed({"html": [b"\xff<p>"]}))
    (dump,) = read(tmp_path / "d.parquet")
    assert (dump.payload, dump.media_type) == (b"\xff<p>", "text/html")


def test_in_an_archive_it_is_copied_aside_up_to_a_limit(tmp_path: Path) -> None:
    content = zipped({"d.parquet": packed({"text": ["a"]}), "b.txt": b"b"})
    assert found(tmp_path / "d.zip", content) == {"!d.parquet:1": b"a", "!b.txt": b"b"}
    little = Containers(spool_bytes=100)
    assert found(tmp_path / "d.zip", content, containers=little) == {
        "!d.parquet": "too-large",
        "!b.txt": b"b",
    }


def test_without_a_column_of_text(tmp_path: Path) -> None:
    assert found(tmp_path / "d.parquet", packed({"a": ["x"]})) == {"": "unreadable"}


def test_damaged(tmp_path: Path) -> None:
    content = packed({"text": ["a" * 500, "b" * 400]}, compression="none", use_dictionary=False)
    assert found(tmp_path / "d.parquet", content[:-5]) == {"": "unreadable"}
    assert found(tmp_path / "d.parquet", b"no Parquet") == {"": "unreadable"}
    assert set(found(tmp_path / "d.parquet", content[:4] + bytes(30) + content[34:])) <= {"", ":1", ":2"}


def test_a_bomb_is_refused_by_what_it_says_of_itself(tmp_path: Path) -> None:
    content = packed(
        {"text": ["x" * 10_000_000 + str(i) for i in range(11)]}, use_dictionary=False, compression="zstd"
    )
    assert len(content) < 100_000
    assert found(tmp_path / "d.parquet", content) == {"": "too-large"}


def test_without_pyarrow_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "d.parquet").write_bytes(packed({"text": ["a"]}))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (dump,) = read(tmp_path / "d.parquet")
    assert dump.fault == ("unsupported", "Parquet needs pyarrow: pip install pyarrow")
