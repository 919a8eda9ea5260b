from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import Unavailable, UsageError
from ingest.export import target_of, write
from ingest.store.records import Record


def record(**fields: object) -> Record:
    empty = dict.fromkeys(Record.__annotations__)
    return {**empty, "status": "unique", "authors": [], "captions": [], "removals": [], **fields}  # type: ignore[typeddict-item,return-value]


def test_a_line_holds_one_record_whatever_its_text(tmp_path: Path) -> None:
    target = tmp_path / "x.jsonl"
    texts = ["line\u2028separator\nand\r\nbreaks", 'quotes " and \\', "ünïcödé 😀", "\x00\x1b\ufffd"]
    assert write([record(text=text) for text in texts], target, "jsonl") == 4
    lines = target.read_bytes().rstrip(b"\n").split(b"\n")
    assert [json.loads(line)["text"] for line in lines] == texts
    assert "😀".encode() in lines[2]


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_an_output_that_fails_leaves_the_older_one(tmp_path: Path, form: str) -> None:
    target = tmp_path / "x"
    target.write_text("older")

    def fail() -> Iterator[Record]:
        yield record()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write(fail(), target, form)  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert target.read_text() == "older"


def test_a_new_output_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write([], tmp_path / "x", "jsonl")
    assert (tmp_path / "x").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_where_output_goes(tmp_path: Path) -> None:
    assert target_of("-", "jsonl") is None
    assert target_of(str(tmp_path), "jsonl") == tmp_path / "clean.jsonl"
    assert target_of(str(tmp_path), "parquet") == tmp_path / "clean.parquet"
    assert target_of(str(tmp_path / "a.txt"), "jsonl") == tmp_path / "a.txt"
    with pytest.raises(UsageError):
        target_of(str(tmp_path / "no" / "a.txt"), "jsonl")


def test_a_folder_that_went_away_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be written"):
        write([], tmp_path / "gone" / "x", "jsonl")


def test_without_pyarrow_parquet_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pip install pyarrow"):
        target_of("-", "parquet")
