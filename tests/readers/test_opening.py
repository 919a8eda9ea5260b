"""Compression, depth, standard input, and that a page stays a page."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import sys
from pathlib import Path

import pytest

from ingest.readers.compressed import zstd
from ingest.readers.container import stand_in_id
from tests.readers.packing import LIMIT, PAGE, found, read, tarred, zipped

PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": zstd.compress}


@pytest.mark.parametrize("ending", PACKERS)
def test_a_compressed_file_is_the_file_in_it(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"page.html{ending}"
    pack = PACKERS[ending]
    assert found(path, pack(PAGE)) == {"!page.html": PAGE}
    (dump,) = read(path)
    assert (dump.dump_id, dump.media_type) == (hashlib.sha256(PAGE).hexdigest(), "text/html")
    assert found(path, pack(PAGE[:9]) + pack(PAGE[9:])) == {"!page.html": PAGE}, "streams one after the other"
    assert found(path, pack(b"")) == {"!page.html": b""}
    assert found(path, pack(b"x" * LIMIT)) == {"!page.html": b"x" * LIMIT}
    assert found(path, pack(b"x" * (LIMIT + 1))) == {"!page.html": "too-large"}
    for size in (12, len(pack(PAGE)) - 3):
        assert found(path, pack(PAGE)[:size]) == {"!page.html": "unreadable"}
    assert found(path, pack(PAGE) + b"garbage") == {"!page.html": "unreadable"}
    assert found(path, pack(PAGE) + bytes(16)) == {"!page.html": PAGE}, "padding"


@pytest.mark.parametrize("ending", PACKERS)
def test_bytes_decide_not_the_ending(tmp_path: Path, ending: str) -> None:
    assert found(tmp_path / "a.txt", PACKERS[ending](b"flat")) == {"": b"flat"}
    assert found(tmp_path / f"b.html{ending}", PAGE) == {"": PAGE}


def test_damage_in_the_middle_is_noticed(tmp_path: Path) -> None:
    for ending, pack in PACKERS.items():
        packed = bytearray(pack(bytes(range(200)) * 4))
        packed[len(packed) // 2] ^= 0x55
        if ending != ".zst":  # whose checksum is optional, and off by default
            assert found(tmp_path / f"a.txt{ending}", bytes(packed)) == {"!a.txt": "unreadable"}


def test_one_container_in_another_and_not_one_more(tmp_path: Path) -> None:
    inner = zipped({"a.html": PAGE})
    files = {
        "a.zip": inner,
        "b.tgz": gzip.compress(tarred({"b.html": PAGE, "c.txt.gz": gzip.compress(b"c")})),
        "d.txt.gz": gzip.compress(b"d"),
        "e.jsonl.gz": gzip.compress(b'{"text": "e"}'),
        "f.zip": zipped({"inner.zip": inner, "f.txt": b"f"}),
    }
    expected = {
        "!a.zip!a.html": PAGE,
        "!b.tgz!b.html": PAGE,
        "!b.tgz!c.txt.gz": "nested",
        "!d.txt.gz!d.txt": b"d",
        "!e.jsonl.gz:1": b"e",
        "!f.zip!inner.zip": "nested",
        "!f.zip!f.txt": b"f",
    }
    assert found(tmp_path / "all.zip", zipped(files)) == expected
    assert found(tmp_path / "all.tar.xz", lzma.compress(tarred(files))) == expected
    once, twice = gzip.compress(b"x"), gzip.compress(gzip.compress(b"x"))
    assert found(tmp_path / "x.gz", once) == {"!x": b"x"}
    assert found(tmp_path / "x.gz.gz", twice) == {"!x": b"x"}
    assert found(tmp_path / "x.gz.gz.gz", gzip.compress(twice)) == {"": "nested"}


def test_damage_in_an_inner_archive_leaves_the_outer_one_going(tmp_path: Path) -> None:
    broken = gzip.compress(tarred({"x": b"x"}))[:-30]
    for pack in (zipped, tarred):
        results = found(tmp_path / "d", pack({"a.tgz": broken, "b.txt": b"b"}))
        assert results["!b.txt"] == b"b"
        assert results["!a.tgz"] == "unreadable"


def test_folders_hold_files_and_containers_alike(tmp_path: Path) -> None:
    (tmp_path / "1.zip").write_bytes(zipped({"a.txt": b"a"}))
    (tmp_path / "2.txt").write_bytes(b"b")
    (tmp_path / "3.jsonl").write_bytes(b'{"text": "c"}')
    assert [dump.payload for dump in read(tmp_path)] == [b"a", b"b", b"c"]
    assert [dump.payload for dump in read(tmp_path / "*.zip", tmp_path)] == [b"a", b"b", b"c"]
    assert read(tmp_path) == read(tmp_path)


@pytest.mark.parametrize(
    "content", [zipped({"a.html": PAGE}), tarred({"a.html": PAGE}), gzip.compress(tarred({"a.html": PAGE}))]
)
def test_standard_input(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    for stream in (io.BytesIO(content), io.BufferedReader(_Pipe(content))):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))
        (dump,) = read("-")
        assert (dump.name, dump.payload, dump.source, dump.media_type) == (
            "-!a.html",
            PAGE,
            "stdin",
            "text/html",
        )


def test_lines_and_compressed_files_on_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    for content in (b'{"text": "a"}\n{"text": "b"}', gzip.compress(b'{"text": "a"}\n{"text": "b"}')):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert [(dump.name, dump.payload) for dump in read("-")] == [("-:1", b"a"), ("-:2", b"b")]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(PAGE))))
    assert [(dump.name, dump.payload) for dump in read("-")] == [("-", PAGE)]


class _Pipe(io.RawIOBase):
    def __init__(self, content: bytes) -> None:
        self._left = content

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data, self._left = self._left[: min(7, len(buffer))], self._left[min(7, len(buffer)) :]
        buffer[: len(data)] = data
        return len(data)


@pytest.mark.parametrize("name", ["page.html", "page.htm", "flat.txt", "flat.text", "page.html.gz"])
@pytest.mark.parametrize(
    "content",
    [
        b'{"text": "this is shown to the reader"}',
        b'[{"text": "this is shown to the reader"}]',
        b"From here on the road is closed, said the mayor 2024\nA: b",
        b"id,text\n1,x",
        b"PAR1 is a street",
        b"BZh9 is no compression",
        b"PK is no archive",
        PAGE,
    ],
)
def test_a_page_or_a_flat_file_is_never_taken_for_a_container(
    tmp_path: Path, name: str, content: bytes
) -> None:
    packed = gzip.compress(content) if name.endswith(".gz") else content
    assert list(found(tmp_path / name, packed).values()) == [content]


def test_a_page_is_one_without_a_name_that_says_so(tmp_path: Path) -> None:
    for content in (
        PAGE,
        b"Flat text, and more of it.",
        b"{not json}",
        b"{",
        b"[1]",
        b"From here on\nX: y",
        b"<x/>",
    ):
        assert found(tmp_path / "page", content) == {"": content}


def test_a_source_that_is_given_counts_more_than_what_a_container_says(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "a", "source": "Daily"}')
    assert [dump.source for dump in read(path)] == ["Daily"]
    assert [dump.source for dump in read(path, source="Weekly")] == ["Weekly"]


def test_stand_ins_of_members_are_not_paths() -> None:
    names = ["d/a.zip!../../x", "x", "d/a.zip!x", "d/a.zip", "a.zip!x", "-!x"]
    assert len({stand_in_id(name) for name in names}) == len(names)
    assert stand_in_id("./d/../a.zip!x") == stand_in_id("a.zip!x")
    assert stand_in_id("a.jsonl:3 (id 7)") == stand_in_id("a.jsonl:3"), "a broken line knows no id"
