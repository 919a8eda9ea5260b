from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest

from ingest.settings import Containers
from tests.readers.packing import LIMIT, found, read


@pytest.mark.parametrize(
    ("name", "parted"), [("d.csv", ","), ("d.csv", ";"), ("d.tsv", "\t"), ("d.csv", "|")]
)
def test_a_row_is_a_dump_named_by_its_line(tmp_path: Path, name: str, parted: str) -> None:
    target = io.StringIO()
    rows = [
        ["id", "Text", "url"],
        ["1", 'two\nlines, "quoted"; a|b\tc', "http://example.org/1"],
        ["", "ж", ""],
    ]
    csv.writer(target, delimiter=parted).writerows(rows)
    assert found(tmp_path / name, target.getvalue().encode()) == {
        ":2 (id 1)": b'two\nlines, "quoted"; a|b\tc',
        ":4": "ж".encode(),
    }
    assert [dump.url for dump in read(tmp_path / name)] == ["http://example.org/1", None]
    assert found(tmp_path / f"{name}.gz", gzip.compress(target.getvalue().encode())).keys() == {
        ":2 (id 1)",
        ":4",
    }


def test_bytes_stay_what_they_are(tmp_path: Path) -> None:
    content = "\ufefftext,url\nBrücke \x85 \u2028 ende,u\n".encode() + b"Br\xfccke,u\n"
    assert found(tmp_path / "d.csv", content) == {
        ":2": "Brücke \x85 \u2028 ende".encode(),
        ":3": b"Br\xfccke",
    }


def test_without_a_column_of_text(tmp_path: Path) -> None:
    assert found(tmp_path / "d.csv", b"a,b\n1,2\n") == {"": "unreadable"}
    (dump,) = read(tmp_path / "d.csv")
    assert dump.fault is not None
    assert "'a', 'b'" in dump.fault[1]
    assert found(tmp_path / "d.csv", b"a,b\n1,2\n", containers=Containers(text_fields=("B",))) == {":2": b"2"}
    assert found(tmp_path / "d.csv", b"text\n") == {"": "empty"}
    assert found(tmp_path / "d.csv", "text\nx".encode("utf-16")) == {"": "unreadable"}


def test_short_rows_are_named_and_blank_ones_are_none(tmp_path: Path) -> None:
    assert found(tmp_path / "d.csv", b"id,text\n1\n\n2,b,more\n") == {
        ":2 (id 1)": "unreadable",
        ":4 (id 2)": b"b",
    }


@pytest.mark.parametrize("size", [LIMIT + 1, 200_000, 3_000_000])
def test_a_field_over_the_limit_costs_itself_alone(tmp_path: Path, size: int) -> None:
    before = csv.field_size_limit()
    content = b"id,text\n1," + b"x" * size + b"\n2,b\n"
    assert list(found(tmp_path / "d.csv", content).values()) == ["too-large", b"b"]
    assert csv.field_size_limit() == before


def test_a_quotation_mark_that_is_never_closed_ends_at_the_limit(tmp_path: Path) -> None:
    content = b'id,text\n1,"open\n' + b"2,x\n" * 2000
    values = list(found(tmp_path / "d.csv", content).values())
    assert values[0] == "too-large"
    assert b"x" in values
