from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from ingest.settings import Containers
from tests.readers.packing import PAGE, found, read, zipped

METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@pytest.mark.parametrize("method", METHODS)
def test_each_file_is_a_dump_in_the_order_of_the_archive(tmp_path: Path, method: int) -> None:
    files = {"folder/b.html": PAGE, "a.txt": b"flat", "empty.txt": b""}
    assert found(tmp_path / "d.zip", zipped(files, method)) == {
        "!folder/b.html": PAGE,
        "!a.txt": b"flat",
        "!empty.txt": b"",
    }
    assert [dump.media_type for dump in read(tmp_path / "d.zip")] == ["text/html", None, None]
    assert {dump.source for dump in read(tmp_path / "d.zip")} == {tmp_path.name}


def test_the_name_of_the_archive_does_not_matter_its_bytes_do(tmp_path: Path) -> None:
    assert found(tmp_path / "pages", zipped({"a.txt": b"x"})) == {"!a.txt": b"x"}
    assert found(tmp_path / "pages.html", zipped({"a.txt": b"x"})) == {"!a.txt": b"x"}
    assert found(tmp_path / "no.zip", b"only text") == {"": "unreadable"}


def test_documents_that_are_zips_inside_stay_whole(tmp_path: Path) -> None:
    document = zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"})
    assert found(tmp_path / "letter.docx", document) == {"": document}


def test_a_name_is_only_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "deep/er"
    folder.mkdir(parents=True)
    names = ["../../x.txt", "/etc/x.txt", "C:\\x.txt", "a\x01\u202e.txt"]
    assert found(folder / "d.zip", zipped({name: name.encode() for name in names})) == {
        "!../../x.txt": b"../../x.txt",
        "!/etc/x.txt": b"/etc/x.txt",
        "!C:\\x.txt": b"C:\\x.txt",
        "!a\\x01\u202e.txt": "a\x01\u202e.txt".encode(),
    }
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["d.zip", "deep", "er"]


def test_hidden_files_are_spared_as_in_folders(tmp_path: Path) -> None:
    files = {"a.txt": b"x", ".git/config": b"x", "__MACOSX/._a.txt": b"x", "./b.txt": b"y", ".DS_Store": b"x"}
    assert found(tmp_path / "d.zip", zipped(files)) == {"!a.txt": b"x", "!./b.txt": b"y"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_two_names(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        for content in (b"1", b"2", b"3"):
            archive.writestr("a.html", content)
        archive.writestr("(2) a.html", b"4")
    dumps = read(tmp_path / "d.zip")
    assert [dump.name.partition("!")[2] for dump in dumps] == [
        "a.html",
        "(2) a.html",
        "(3) a.html",
        "(2) (2) a.html",
    ]
    assert {dump.media_type for dump in dumps} == {"text/html"}


def test_utf8_names_that_do_not_say_so(tmp_path: Path) -> None:
    packed = zipped({"grüße.txt": b"x"})
    assert found(tmp_path / "d.zip", packed) == {"!grüße.txt": b"x"}
    silent = packed.replace(struct.pack("<HH", 20, 0x800), struct.pack("<HH", 20, 0))
    assert silent != packed
    assert found(tmp_path / "e.zip", silent) == {"!grüße.txt": b"x"}


def test_a_damaged_file_costs_itself_alone(tmp_path: Path) -> None:
    packed = bytearray(zipped({"a.txt": b"first", "b.txt": b"second", "c.txt": b"third"}, zipfile.ZIP_STORED))
    packed[packed.index(b"second")] ^= 1
    assert found(tmp_path / "d.zip", bytes(packed)) == {
        "!a.txt": b"first",
        "!b.txt": "unreadable",
        "!c.txt": b"third",
    }
    (dump,) = [dump for dump in read(tmp_path / "d.zip") if dump.fault]
    assert dump.fault is not None
    assert "CRC" in dump.fault[1]
    assert dump.payload is None


def test_an_archive_that_is_cut_off_is_named(tmp_path: Path) -> None:
    packed = zipped({"a.txt": b"first"})
    assert found(tmp_path / "d.zip", packed[:-10]) == {"": "unreadable"}
    assert found(tmp_path / "e.zip", packed[10:]).keys() <= {"", "!a.txt"}


def test_encrypted_linked_and_oversized_files_are_named_with_their_reason(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr("secret.txt", b"x")
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("big.txt", b"x" * 1001)
        archive.writestr("good.txt", b"x")
    content = bytearray((tmp_path / "d.zip").read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert found(tmp_path / "d.zip", bytes(content)) == {
        "!secret.txt": "encrypted",
        "!link": "unsafe",
        "!big.txt": "too-large",
        "!good.txt": b"x",
    }


def test_a_size_that_is_a_lie(tmp_path: Path) -> None:
    packed = bytearray(zipped({"a.txt": b"x" * 500, "b.txt": b"b"}))
    for size in (10, 501, 1 << 31):
        struct.pack_into("<L", packed, packed.index(b"PK\x01\x02") + 24, size)
        results = found(tmp_path / "d.zip", bytes(packed))
        assert results["!b.txt"] == b"b"
        assert results["!a.txt"] in ("unreadable", b"x" * 500)


def test_beyond_the_allowed_number_of_files_nothing_is_read(tmp_path: Path) -> None:
    packed = zipped({f"{i}.txt": b"x%d" % i for i in range(5)})
    assert found(tmp_path / "d.zip", packed, containers=Containers(members=2)) == {
        "!0.txt": b"x0",
        "!1.txt": b"x1",
        "": "too-large",
    }


def test_a_directory_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    packed = bytearray(zipped({"a.txt": b"x"}))
    end = packed.index(b"PK\x05\x06")
    struct.pack_into("<L", packed, end + 12, 1 << 31)
    assert found(tmp_path / "d.zip", bytes(packed)) == {"": "unreadable"}
