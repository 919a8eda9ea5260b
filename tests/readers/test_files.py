from __future__ import annotations

import hashlib
import io
import os
import socket
import sys
from pathlib import Path

import pytest

from ingest.errors import UsageError
from ingest.model import Dump
from ingest.readers.files import dumps_of, places_of, stand_in_id

LIMIT = 1000


def read(*inputs: str | Path, source: str | None = None) -> list[Dump]:
    return list(dumps_of([str(given) for given in inputs], source=source, payload_bytes=LIMIT))


def names(*inputs: str | Path) -> list[str]:
    return [dump.name for dump in read(*inputs)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (
        "news/b.txt",
        "news/a.html",
        "news/sub/c.txt",
        "news/.hidden",
        "news/.git/config",
        "news/10.txt",
    ):
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return Path("news")


def test_a_folder_is_read_to_its_last_file_in_order(folder: Path) -> None:
    assert names(folder) == ["news/10.txt", "news/a.html", "news/b.txt", "news/sub/c.txt"]
    assert {dump.source for dump in read(folder)} == {"news"}


def test_a_file_comes_byte_for_byte_with_its_hash(folder: Path) -> None:
    content = b"\xff\x00\r\n\xfe"
    (folder / "b.txt").write_bytes(content)
    assert read(folder / "b.txt") == [
        Dump(hashlib.sha256(content).hexdigest(), content, "news/b.txt", "news", None, None, 5)
    ]


def test_the_ending_names_html_and_nothing_else(folder: Path) -> None:
    assert [dump.media_type for dump in read(folder)] == [None, "text/html", None, None]


def test_patterns(folder: Path) -> None:
    assert names("news/*.txt") == ["news/10.txt", "news/b.txt"]
    assert names("news/**/*.txt") == ["news/10.txt", "news/b.txt", "news/sub/c.txt"]
    assert names("n?ws") == names(folder)


def test_a_file_with_the_name_of_a_pattern_is_that_file(folder: Path) -> None:
    (folder / "[b].txt").write_text("brackets")
    assert names("news/[b].txt") == ["news/[b].txt"]


def test_a_hidden_file_that_is_named_is_read(folder: Path) -> None:
    assert names("news/.hidden") == ["news/.hidden"]


def test_what_two_inputs_name_comes_once(folder: Path) -> None:
    assert names("news/b.txt", folder, "./news/b.txt") == [
        "news/b.txt",
        "news/10.txt",
        "news/a.html",
        "news/sub/c.txt",
    ]


@pytest.mark.parametrize("given", ["nothing", "news/*.pdf", "empty", ""])
def test_an_input_that_names_nothing_is_an_error_before_anything_is_read(folder: Path, given: str) -> None:
    Path("empty").mkdir()
    with pytest.raises(UsageError, match=f"'{given}'".replace("*", r"\*")):
        dumps_of(["news", given], payload_bytes=LIMIT)


def test_what_the_run_writes_is_not_its_input(folder: Path) -> None:
    places = places_of([str(folder)], skip=[Path("news/b.txt").absolute()])
    assert "news/b.txt" not in [place.name for place in places]
    for given in ("news/b.txt", "news/b.*"):
        with pytest.raises(UsageError):
            places_of([given], skip=[Path("news/b.txt")])


def test_the_source_can_be_given(folder: Path) -> None:
    assert {dump.source for dump in read(folder, source="Daily")} == {"Daily"}
    assert next(dump.source for dump in read(".")) == folder.absolute().parent.name


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xffdump")))
    (dump,) = read("-")
    assert (dump.payload, dump.name, dump.source) == (b"\xffdump", "-", "stdin")


@pytest.mark.parametrize("over", [0, 1, 3_000_000])
def test_a_file_over_the_limit_keeps_its_hash_but_is_not_held(folder: Path, over: int) -> None:
    content = b"x" * (LIMIT + over)
    (folder / "b.txt").write_bytes(content)
    (dump,) = read(folder / "b.txt")
    assert (dump.dump_id, dump.size) == (hashlib.sha256(content).hexdigest(), len(content))
    if over:
        assert dump.payload is None
        assert dump.fault is not None
        assert dump.fault[0] == "too-large"
    else:
        assert (dump.payload, dump.fault) == (content, None)


def test_pipes_sockets_and_dead_links_are_unreadable_and_nobody_waits(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    os.symlink("nowhere", folder / "link")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("news/socket")
        odd = {dump.name: dump for dump in read(folder) if dump.fault}
    assert sorted(odd) == ["news/link", "news/pipe", "news/socket"]
    assert {dump.fault[0] for dump in odd.values() if dump.fault} == {"unreadable"}
    assert {dump.dump_id for dump in odd.values()} == {stand_in_id(name) for name in odd}
    assert all(dump.payload is None for dump in odd.values())


def test_a_file_that_vanishes_before_its_turn_is_unreadable(folder: Path) -> None:
    dumps = dumps_of(["news"], payload_bytes=LIMIT)
    (folder / "10.txt").unlink()
    assert [dump.fault and dump.fault[0] for dump in dumps] == ["unreadable", None, None, None]


def test_linked_folders_are_not_followed_in_circles(folder: Path) -> None:
    os.symlink("..", folder / "sub" / "up")
    assert names(folder) == ["news/10.txt", "news/a.html", "news/b.txt", "news/sub/c.txt"]


def test_a_folder_that_may_not_be_listed_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may list every folder, and tests may run as root: so the refusal itself is made up.
    scandir = os.scandir

    def refuse(path: str | Path) -> object:
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    odd = [dump for dump in read(folder) if dump.fault]
    assert [(dump.name, dump.fault and dump.fault[0]) for dump in odd] == [("news/sub", "unreadable")]


def test_names_that_are_no_utf8_stay_different(folder: Path) -> None:
    for name in (b"news/\xff.txt", b"news/\xfe.txt"):
        Path(os.fsdecode(name)).write_text("x")
    found = names("news/*.txt")
    assert r"news/\xff.txt" in found
    assert r"news/\xfe.txt" in found


def test_stand_in_ids_follow_the_place_not_the_working_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stand_in_id("news/x")
    monkeypatch.chdir(folder)
    assert stand_in_id("x") == stand_in_id("./x") == before != stand_in_id("y")
