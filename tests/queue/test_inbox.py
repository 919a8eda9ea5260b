from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.errors import UsageError
from ingest.queue.inbox import Inbox, state_of
from ingest.readers.files import places_of


def fill(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def test_files_are_called_as_a_push_of_the_folder_calls_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fill(tmp_path, "in/a.txt", "in/sub/b.txt")
    for given, source in (("in", None), (str(tmp_path / "in") + "/", None), ("./in", "wire")):
        inbox = Inbox(given, source)
        assert [inbox.place(path) for path in inbox.files()] == places_of([given], source=source)


def test_hidden_temporary_and_own_files_are_spared(tmp_path: Path) -> None:
    root = tmp_path / "in"
    spared = ["b.part", "c.TMP", "d.crdownload", "e~", ".f", ".g/h.txt", "i.tmp/j.txt", "data/x", "s.sqlite"]
    fill(root, "a.txt", "sub/b.txt", *spared)
    inbox = Inbox(str(root), None, [root / "data", root / "s.sqlite", tmp_path])
    assert list(inbox.files()) == [str(root / "a.txt"), str(root / "sub/b.txt")]
    for name in spared:
        assert inbox.ours(str(root / name)) is None
    assert inbox.ours(str(root)) is inbox.ours(str(tmp_path / "a.txt")) is None


def test_linked_files_are_files_and_linked_folders_are_spared(tmp_path: Path) -> None:
    fill(tmp_path, "real/in/a.txt", "elsewhere/b.txt")
    (root := tmp_path / "in").symlink_to(tmp_path / "real/in")
    (root / "folder").symlink_to(tmp_path / "elsewhere")
    (root / "file.txt").symlink_to(tmp_path / "elsewhere/b.txt")
    inbox = Inbox(str(root), None)
    assert list(inbox.files()) == [str(root / "a.txt"), str(root / "file.txt")]
    assert inbox.ours(str(root / "folder")) is inbox.ours(str(root / "folder/b.txt")) is None
    assert inbox.ours(str(tmp_path / "real/in/a.txt")) == str(root / "a.txt")  # as macOS tells it


def test_another_file_is_another_state_whatever_its_size_and_time(tmp_path: Path) -> None:
    fill(tmp_path, "a", "b")
    os.utime(tmp_path / "a", ns=(1, 1))
    before = state_of(str(tmp_path / "a"))
    os.utime(tmp_path / "b", ns=(1, 1))
    (tmp_path / "b").replace(tmp_path / "a")
    after = state_of(str(tmp_path / "a"))
    assert before
    assert after
    assert before[:2] == after[:2]
    assert before != after
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert state_of(str(tmp_path / "link")) is not None
    assert state_of(str(tmp_path / "nowhere")) is state_of(str(tmp_path / "a" / "b")) is None


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("nowhere", "does not exist: make it first"),
        ("in/a.txt", "is a file: push it"),
        ("-", "see ingest push"),
        ("s3://bucket/in", "see ingest push"),
        ("data", "where the service itself writes"),
    ],
)
def test_what_is_no_folder_cannot_be_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    fill(tmp_path, "in/a.txt", "data/b")
    with pytest.raises(UsageError, match=why):
        Inbox(given, None, [tmp_path / "data"])
