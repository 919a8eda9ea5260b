from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
from pathlib import Path

import pytest

from ingest.readers.compressed import zstd
from ingest.settings import Containers
from tests.readers.packing import PAGE, found, read, tarred

LONG = "folder/" * 30 + "page.html"
FILES = {"b.html": PAGE, "../a.txt": b"flat", "/c.txt": b"x" * 600, "empty": b""}
RESULT = {f"!{name}": content for name, content in FILES.items()}


def special(name: str, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    return info


@pytest.mark.parametrize(
    ("ending", "pack"),
    [
        (".tar", bytes),
        (".tar.gz", gzip.compress),
        (".tgz", gzip.compress),
        (".tar.bz2", bz2.compress),
        (".tar.xz", lzma.compress),
        (".tar.zst", zstd.compress),
        (".download", gzip.compress),
    ],
)
def test_each_file_is_a_dump_in_the_order_of_the_archive(tmp_path: Path, ending: str, pack: object) -> None:
    assert callable(pack)
    results = found(tmp_path / f"d{ending}", pack(tarred(FILES)))
    assert results == RESULT
    assert list(results) == list(RESULT)
    assert read(tmp_path / f"d{ending}")[0].media_type == "text/html"


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_and_foreign_names(tmp_path: Path, form: int) -> None:
    results = found(tmp_path / "d.tar", tarred({LONG: b"x", "ж" * 120: b"y", "z": b"z"}, form=form))
    assert results == {f"!{LONG}": b"x", "!" + "ж" * 120: b"y", "!z": b"z"}


def test_links_and_devices_are_named_and_never_followed(tmp_path: Path) -> None:
    kinds = {
        "soft": tarfile.SYMTYPE,
        "hard": tarfile.LNKTYPE,
        "char": tarfile.CHRTYPE,
        "block": tarfile.BLKTYPE,
        "pipe": tarfile.FIFOTYPE,
    }
    content = tarred({"a": b"x"}, *(special(name, kind) for name, kind in kinds.items()))
    assert found(tmp_path / "d.tar", content) == {"!a": b"x", **{f"!{name}": "unsafe" for name in kinds}}


def test_folders_and_hidden_files_are_spared(tmp_path: Path) -> None:
    content = tarred({"._a": b"x", ".git/b": b"x", "a": b"x"}, special("folder", tarfile.DIRTYPE))
    assert found(tmp_path / "d.tar", content) == {"!a": b"x"}


def test_a_file_over_the_limit_costs_itself_alone(tmp_path: Path) -> None:
    content = tarred({"a": b"x", "big": b"y" * 5000, "c": b"z"})
    assert found(tmp_path / "d.tar", content) == {"!a": b"x", "!big": "too-large", "!c": b"z"}


def test_what_comes_before_the_damage_is_kept_and_the_rest_is_named(tmp_path: Path) -> None:
    content = bytearray(tarred({"a": b"x", "b": b"y", "c": b"z"}))
    content[1024 + 10] ^= 1
    assert found(tmp_path / "d.tar", bytes(content)) == {"!a": b"x", "": "unreadable"}


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, zstd.compress])
def test_cut_off(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    whole = tarred({"a": bytes(range(256)) * 3, "b": b"y" * 700}, form=tarfile.GNU_FORMAT)
    for size in (100, 600, 1400, 2200):
        results = found(tmp_path / "d.tar", pack(whole)[: size if pack is bytes else -12])
        assert "unreadable" in results.values(), size
        assert all(value in ("unreadable", bytes(range(256)) * 3, b"y" * 700) for value in results.values())


def test_without_the_mark_of_the_end_it_is_whole_all_the_same(tmp_path: Path) -> None:
    assert found(tmp_path / "d.tar", tarred({"a": b"x"})[:1024]) == {"!a": b"x"}


def test_an_extended_header_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 1 << 33
    assert found(tmp_path / "d.tar", info.tobuf(tarfile.GNU_FORMAT) + bytes(2048)) == {"": "unreadable"}
    assert found(tmp_path / "e.tar", tarred({"a": b"x"})[:1024] + info.tobuf(tarfile.GNU_FORMAT)) == {
        "!a": b"x",
        "": "unreadable",
    }


@pytest.mark.parametrize(
    "record", [b"9 path=a\n", b"x path=a\n", b"99999 path=a\n", b"2\n", b"11 size=-1\n", b"10 size=x\n"]
)
def test_broken_extended_headers(tmp_path: Path, record: bytes) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, len(record)
    content = info.tobuf() + record.ljust(512, b"\x00") + tarred({"a": b"x"})
    assert set(found(tmp_path / "d.tar", content)) <= {"", "!a", "!x", "!"}


def test_sparse_files_are_named(tmp_path: Path) -> None:
    info = tarfile.TarInfo("holes")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, 512
    content = info.tobuf(format=tarfile.GNU_FORMAT) + bytes(512) + tarred({"a": b"x"})
    assert found(tmp_path / "d.tar", content) == {"!holes": "unreadable", "!a": b"x"}


def test_beyond_the_allowed_number_of_files_nothing_is_read(tmp_path: Path) -> None:
    content = tarred({str(i): b"%d" % i for i in range(5)})
    assert found(tmp_path / "d.tar", content, containers=Containers(members=1)) == {
        "!0": b"0",
        "": "too-large",
    }
