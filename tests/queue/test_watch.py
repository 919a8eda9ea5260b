"""Watched folders, on real files and stores, without processes; those are in tests/workers/test_watch.py."""

from __future__ import annotations

import os
import threading
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from ingest.errors import Unavailable
from ingest.queue.filepusher import FilePusher
from ingest.queue.inbox import Inbox, state_of
from ingest.queue.pusher import Pushed
from ingest.queue.remembered import Remembered
from ingest.queue.watch import Watch as Watching
from ingest.settings import Queue, Settings, Watch
from ingest.stopping import Stopping
from ingest.store import ledger
from ingest.store.opening import open_engine
from ingest.store.schema import ledger as ledger_table
from ingest.store.schema import sightings
from ingest.store.transactions import reading, writing
from tests.postgres import Postgres
from tests.queue.test_push import Sent
from tests.stores import sqlite_url as store_url
from tests.workers.service import until

__all__ = ["store_url"]  # these are about files, and not about the database

QUICK = Settings(watch=Watch(settled_after=0.1), queue=Queue(task_dumps=3), payload_bytes=1000)


class Running:
    """A watch of a folder, in a thread."""

    def __init__(self, folder: Path, engine: Engine, settings: Settings, *, poll: bool) -> None:
        self.folder, self.engine, self.sent = folder, engine, Sent(engine)
        self.ids: list[str] = []
        self.stopping = Stopping()
        self._settings, self._poll = settings, poll
        self._error: Exception | None = None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            with remembered(self.folder) as kept:
                pusher = FilePusher(self.engine, self.sent, self._settings, kept, self.stopping)
                Watching(
                    [Inbox(str(self.folder), None)],
                    pusher,
                    self._settings,
                    self.stopping,
                    poll=self._poll,
                    report=self._report,
                ).run()
        except Exception as error:  # noqa: BLE001
            self._error = error

    def _report(self, pushed: Pushed) -> None:
        self.ids += pushed.dump_ids

    def has(self, *texts: str) -> None:
        """Wait until these are pushed, in whatever order, and nothing else is."""
        wanted = sorted(id_of(text) for text in texts)
        until(lambda: len(self.ids) >= len(wanted) or not self.thread.is_alive())
        assert sorted(self.ids) == wanted
        self.ids.clear()

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join(25)
        assert not self.thread.is_alive()
        if self._error:
            raise self._error


def remembered(folder: Path) -> Remembered:
    return Remembered(folder.parent / "watched" / "files.sqlite", "terms")


@contextmanager
def watching(
    folder: Path, engine: Engine, settings: Settings = QUICK, *, poll: bool = False
) -> Iterator[Running]:
    running = Running(folder, engine, settings, poll=poll)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (made := tmp_path / "in").mkdir()
    return made


def put(path: Path, text: str) -> None:
    """A whole file, at once: a machine with much to do may take long between making one and writing to it."""
    hidden = path.with_name(f".{path.name}")
    hidden.write_text(text)
    hidden.rename(path)


def id_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("poll", [False, True])
def test_what_is_there_and_what_comes_is_pushed(folder: Path, engine: Engine, poll: bool) -> None:
    (folder / "sub").mkdir()
    put(folder / "sub" / "a.txt", "a")
    with zipfile.ZipFile(folder / "pair.zip", "w") as pair:
        pair.writestr("b.txt", "b")
        pair.writestr("c.txt", "c")
    with watching(folder, engine, poll=poll) as running:
        running.has("a", "b", "c")
        (folder / "deep" / "er").mkdir(parents=True)
        put(folder / "deep" / "er" / "d.txt", "d")
        running.has("d")
        # A folder with files in it, moved here; a file written under another name, and renamed; a changed file.
        (away := folder.parent / "away").mkdir()
        (away / "e.txt").write_text("e")
        away.rename(folder / "moved")
        put(folder / "f.txt.part", "f")
        put(folder / ".g.txt", "never")
        running.has("e")
        (folder / "f.txt.part").rename(folder / "f.txt")
        running.has("f")
        put(folder / "f.txt", "F, and more")
        (folder / "sub" / "a.txt").unlink()
        running.has("F, and more")
        # The same bytes under another name: known, one more sighting, and no message.
        put(folder / "again.txt", "d")
        running.has("d")
    assert sorted(dump_id for message in running.sent.messages for dump_id in message) == sorted(
        map(id_of, ("a", "b", "c", "d", "e", "f", "F, and more"))
    )
    assert running.sent.states == {"received"}
    with reading(engine) as connection:
        found = connection.execute(select(sightings.c.name, sightings.c.source)).all()
    assert {tuple(row) for row in found} == {
        (f"{folder}/{name}", "in")
        for name in (
            *("sub/a.txt", "pair.zip!b.txt", "pair.zip!c.txt", "deep/er/d.txt"),
            *("moved/e.txt", "f.txt", "again.txt"),
        )
    }


def test_a_file_that_comes_after_the_first_look_is_not_missed(
    folder: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder / "a.txt", "a")
    files, looked = Inbox.files, list[str]()

    def late(self: Inbox, below: str | None = None) -> Iterator[str]:
        looked.append(self.root)
        yield from files(self, below)
        put(folder / "late.txt", "late")

    monkeypatch.setattr(Inbox, "files", late)
    with watching(folder, engine) as running:
        running.has("a", "late")
    assert looked == [str(folder)]


def test_what_nobody_told_of_is_found_by_looking_again(
    folder: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Watching, "_hear", lambda *_: None)
    settings = QUICK.model_copy(update={"watch": Watch(settled_after=0.1, rescan_every=0.2)})
    with watching(folder, engine, settings) as running:
        put(folder / "a.txt", "a")
        running.has("a")


def test_a_new_start_pushes_only_what_changed(
    folder: Path, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        put(folder / f"{name}.txt", name)
    put(folder / "large.txt", "x" * 1001)
    with watching(folder, engine) as running:
        running.has("a", "b", "c", "x" * 1001)
    put(folder / "b.txt", "B")
    (folder / "c.txt").unlink()
    read: list[str] = []
    place = Inbox.place
    monkeypatch.setattr(Inbox, "place", lambda self, path: read.append(Path(path).name) or place(self, path))
    with watching(folder, engine) as running:
        running.has("B", "x" * 1001)  # what is dead is tried again: the limit may be another one now
    assert sorted(read) == ["b.txt", "large.txt"]
    with remembered(folder) as kept:
        assert sorted(Path(one.path).name for one in kept.below(str(folder))) == ["a.txt", "b.txt"]
    # Another store knows nothing of what was pushed to this one.
    other = open_engine(f"sqlite:///{tmp_path / 'other.sqlite'}")
    with watching(folder, other) as running:
        running.has("a", "B", "x" * 1001)
    other.dispose()


def test_what_cannot_be_read_is_dead_and_stops_nothing(folder: Path, engine: Engine) -> None:
    with watching(folder, engine) as running:
        (folder / "link.txt").symlink_to(folder.parent / "nowhere")
        os.mkfifo(folder / "pipe")
        until(lambda: len(running.ids) == 2)
        Path(os.fsdecode(os.fsencode(folder) + b"/\xff.txt")).write_text("a name that is no text")
        until(lambda: id_of("a name that is no text") in running.ids)
    with reading(engine) as connection:
        dead = ledger.dead(connection)
    assert sorted(dump.name for dump in dead) == [f"{folder}/link.txt", f"{folder}/pipe"]


def test_a_folder_may_go_and_come_back(
    folder: Path, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    put(folder / "a.txt", "a")
    with watching(folder, engine) as running:
        running.has("a")
        (folder / "a.txt").unlink()
        folder.rmdir()
        until(lambda: "folder gone" in caplog.messages)
        folder.mkdir()
        put(folder / "b.txt", "b")
        running.has("b")
        put(folder / "c.txt", "c")
        running.has("c")
    assert "folder back" in caplog.messages


def test_a_file_that_changes_while_it_is_read_is_not_pushed_half(folder: Path, engine: Engine) -> None:
    for name in ("gone.txt", "changed.txt", "same.txt"):
        (folder / name).write_text(name)
    with zipfile.ZipFile(folder / "z.zip", "w") as packed:
        for number in range(6):
            packed.writestr(f"{number}.txt", f"member {number}")
    inbox = Inbox(str(folder), None)
    files = [(inbox, path, state) for path in inbox.files() if (state := state_of(path))]
    (folder / "gone.txt").unlink()
    (folder / "changed.txt").write_text("changed")
    sent = Sent(engine)

    def send(dump_ids: Sequence[str]) -> None:
        sent(dump_ids)
        with (folder / "z.zip").open("ab") as packed:
            packed.write(b"more")

    with remembered(folder) as kept:
        pusher = FilePusher(engine, send, QUICK, kept, Stopping())
        pushed, changed = pusher.push(files)
    assert pushed.dump_ids == [id_of(text) for text in ("same.txt", "member 0", "member 1")]
    assert [Path(path).name for path in changed] == ["changed.txt", "gone.txt", "z.zip"]


def test_it_waits_while_many_dumps_wait(
    folder: Path, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    settings = QUICK.model_copy(update={"queue": Queue(task_dumps=1, backlog=2)})
    texts = [f"story {number}" for number in range(5)]
    for text in texts:
        put(folder / text, text)
    with watching(folder, engine, settings) as running:
        until(lambda: "waiting" in caplog.messages)
        assert len(running.sent.messages) == 3
        with writing(engine) as connection:
            connection.execute(update(ledger_table).values(state="done"))
        until(lambda: len(running.sent.messages) == 5)
        assert "going on" in caplog.messages
        running.has(*texts)
        put(folder / "more", "more")
        put(folder / "and more", "and more")
        until(lambda: caplog.messages.count("waiting") == 2)
    assert len(running.sent.messages) == 6  # and it stops while it waits


def test_a_broker_that_is_away_stops_nothing(folder: Path, engine: Engine) -> None:
    def send(_: Any) -> None:
        raise Unavailable("gone")

    for number in range(5):
        put(folder / f"{number}", f"{number}")
    inbox = Inbox(str(folder), None)
    files = [(inbox, path, state) for path in inbox.files() if (state := state_of(path))]
    with remembered(folder) as kept:
        pushed, changed = FilePusher(engine, send, QUICK, kept, Stopping()).push(files)
    assert (len(pushed.dump_ids), pushed.queued, changed) == (5, 0, [])
    with reading(engine) as connection:
        assert ledger.counts(connection)["received"] == 5


def test_a_store_that_is_away_is_waited_for(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Postgres(durable=True) as server:
        engine = open_engine(server.fresh())
        with watching(folder, engine) as running:
            put(folder / "a", "a")
            running.has("a")
            server.kill()
            put(folder / "b", "b")
            until(lambda: any("trying again" in message for message in caplog.messages))
            put(folder / "c", "c")
            server.start()
            running.has("b", "c")
        engine.dispose()


def test_it_stops_while_the_store_is_away(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Postgres() as server:
        engine = open_engine(server.fresh())
        with watching(folder, engine) as running:
            put(folder / "a", "a")
            running.has("a")
            server.kill()
            put(folder / "b", "b")
            until(lambda: any("trying again" in message for message in caplog.messages))
        engine.dispose()


def test_a_memory_that_cannot_be_used_is_said(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder.parent / "watched").mkdir()
    (folder.parent / "watched" / "files.sqlite").write_text("no database, however long one looks at it" * 99)
    with pytest.raises(Unavailable, match="it may be deleted"):
        remembered(folder)


@pytest.mark.parametrize("place", [".", "sub"])
def test_polling_sees_two_changes_within_a_second(folder: Path, engine: Engine, place: str) -> None:
    (folder / "sub").mkdir()
    file = folder / place / "a.txt"
    put(file, "a")
    second = int(file.stat().st_mtime)
    os.utime(file, (second, second))
    with watching(folder, engine, poll=True) as running:
        running.has("a")
        hidden = file.with_name(".a.txt")
        hidden.write_text("a, and more")
        os.utime(hidden, (second + 0.5, second + 0.5))
        hidden.rename(file)
        running.has("a, and more")
