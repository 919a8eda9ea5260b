from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from ingest.errors import Unavailable, UsageError
from ingest.readers.files import places_of
from tests.readers.packing import LIMIT, PAGE, read, tarred, zipped


@pytest.fixture
def memory() -> Iterator[Any]:
    system = fsspec.filesystem("memory")
    files = {
        "/news/b.txt": b"b",
        "/news/a.html": PAGE,
        "/news/sub/c.zip": zipped({"c.txt": b"c"}),
        "/news/sub/d.tar": tarred({"d.txt": b"d"}),
        "/news/.hidden": b"x",
        "/news/.git/config": b"x",
        "/news/10.txt": b"y" * (LIMIT + 1),
    }
    for name, content in files.items():
        system.pipe(name, content)
    yield system
    for name in files:
        if system.exists(name):
            system.rm(name)


def names(*inputs: str) -> list[str]:
    return [dump.name for dump in read(*inputs)]


@pytest.mark.usefixtures("memory")
def test_files_folders_and_patterns() -> None:
    assert names("memory://news/b.txt") == ["memory:///news/b.txt"]
    everything = [
        "memory:///news/10.txt",
        "memory:///news/a.html",
        "memory:///news/b.txt",
        "memory:///news/sub/c.zip!c.txt",
        "memory:///news/sub/d.tar!d.txt",
    ]
    assert names("memory://news") == names("memory://news/") == everything
    assert names("memory://news/*.txt") == ["memory:///news/10.txt", "memory:///news/b.txt"]
    assert names("memory://news/b.txt", "memory://news")[0] == "memory:///news/b.txt"
    assert len(names("memory://news/b.txt", "memory://news")) == len(everything)
    dumps = read("memory://news")
    assert {dump.source for dump in dumps} == {"news"}
    assert [dump.payload for dump in dumps] == [None, PAGE, b"b", b"c", b"d"]
    assert dumps[0].fault is not None
    assert dumps[0].fault[0] == "too-large"
    assert dumps[1].media_type == "text/html"
    assert {dump.source for dump in read("memory://news", source="Daily")} == {"Daily"}


def test_local_urls_are_files(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"a.txt": b"a"}))
    assert names(f"file://{tmp_path}") == [f"{tmp_path}/a.zip!a.txt"]
    assert len(names(f"file://{tmp_path}/*.zip", str(tmp_path))) == 1
    with pytest.raises(UsageError):
        places_of([f"file://{tmp_path}/none"])
    with pytest.raises(UsageError):
        places_of([f"file://{tmp_path}/a.zip"], skip=[tmp_path / "a.zip"])


@pytest.mark.usefixtures("memory")
@pytest.mark.parametrize("given", ["memory://none", "memory://news/*.pdf", "memory://news/none.txt"])
def test_an_input_that_names_nothing(given: str) -> None:
    with pytest.raises(UsageError, match="no such file"):
        places_of([given])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("http://example.org/", "not fetched here"),
        ("https://user:secret@example.org/", "not fetched here"),
        ("nonsense://x", "cannot be followed"),
        ("zip://a.txt::memory://x.zip", "chain"),
    ],
)
def test_urls_that_nobody_follows(given: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        places_of([given])
    assert "secret" not in str(caught.value)


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(url: str) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
    with pytest.raises(UsageError, match="Install s3fs"):
        places_of(["s3://bucket/x"])


def test_a_file_system_that_does_not_answer(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refused(Exception):
        """What no standard error is, as botocore's are."""

    def refuse(*_: object, **__: object) -> None:
        raise Refused("no credentials")

    monkeypatch.setattr(memory, "isdir", refuse)
    with pytest.raises(Unavailable, match="no credentials"):
        places_of(["memory://news"])
    monkeypatch.undo()
    places = read("memory://news/b.txt")
    assert len(places) == 1
    monkeypatch.setattr(memory, "open", refuse)
    (dump,) = read("memory://news/b.txt")
    assert dump.fault is not None
    assert dump.fault[0] == "unreadable"
    assert "no credentials" in dump.fault[1]
