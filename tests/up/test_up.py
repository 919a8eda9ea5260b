"""`ingest up` as a person meets it."""

from __future__ import annotations

import os
import shutil
import signal
import stat
from pathlib import Path

import pytest

from ingest.readers.files import dumps_of
from ingest.run.main import run
from ingest.running import folder_of
from ingest.settings import Settings
from ingest.store.opening import opened
from tests.patience import PATIENCE
from tests.up.processes import living
from tests.up.service import Up, make_dumps
from tests.workers.service import ROOT, Server
from tests.workers.test_workers import _records


def test_push_from_another_shell_gives_what_a_run_gives(running: Up, tmp_path: Path) -> None:
    out, err = running.command("push", str(ROOT / "seeds"))
    assert "5 dumps: 5 queued" in err
    running.until_settled(5)
    assert '"done": 5' in running.command("status", "--json")[0]
    with opened(Settings(store=f"sqlite:///{tmp_path / 'run.sqlite'}")) as engine:
        settings = Settings(workers=2)
        run(dumps_of([str(ROOT / "seeds")], payload_bytes=settings.payload_bytes), engine, settings)
        expected = _records(engine, out.split())
    assert _records(running.engine, out.split()) == expected
    assert len(expected) == 6


def test_what_it_says_when_it_is_ready(running: Up, monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"export INGEST_DATA={running.data}\n" in running.log
    assert f"export INGEST_STORE={running.store_url}\n" in running.log
    assert "\x1b" not in running.log  # no terminal, no colours
    # The store is a flag that another shell does not know: its dumps would never be found.
    before = sum(running.counts().values())
    make_dumps(running.folder / "said", 1)
    monkeypatch.delitem(running.env, "INGEST_STORE")
    assert "works on the store sqlite:///" in running.command("push", "said", code=2)[1]
    running.command("push", "said", "--store", "sqlite:///elsewhere.sqlite")
    monkeypatch.undo()
    running.until_settled(before + 1)


def test_one_for_each_data_folder(running: Up) -> None:
    _, err = running.command("up", code=2)
    assert f"runs on the data folder {running.data} already, as process {running.process.pid}" in err
    assert running.process.poll() is None


@pytest.mark.parametrize("command", ["worker", "beat"])
def test_more_workers_are_its_own_affair(running: Up, command: str) -> None:
    """What one of them leaves behind must be nobody else's."""
    assert "--workers N" in running.command(command, code=2)[1]


def test_only_its_user_reaches_the_queue(running: Up) -> None:
    folder = folder_of(running.data)
    client = running.client()
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "socket")}
    assert set(modes.values()) == {0o700}
    assert {
        name: client.config_get(name)[name] for name in ("port", "appendonly", "save", "appendfsync")
    } == {
        "port": "0",
        "appendonly": "yes",
        "save": "",
        "appendfsync": "everysec",
    }
    assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
    client.close()


def test_a_data_folder_whose_name_does_not_do_for_a_socket(up: Up) -> None:
    up.data = up.folder / "with a space and ü"
    up.env["INGEST_DATA"] = str(up.data)
    up.start()
    client = up.client()
    place = Path(client.connection_pool.connection_kwargs["path"]).parent
    client.close()
    assert up.data not in place.parents
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    make_dumps(up.folder / "in", 1)
    up.command("push", "in")
    up.until_settled(1)
    up.kill()
    up.start()
    assert not place.exists()  # what the killed one left
    assert up.end(signal.SIGTERM) == 0
    assert list(folder_of(up.data).glob("up.*")) == []


def test_demo_on_a_broker_that_is_given(up: Up, broker: Server) -> None:
    up.env.update(INGEST_QUEUE__CLEANER="ingest.pipeline:clean", INGEST_BROKER=broker.url)
    up.start("--demo")
    assert "queue   |" not in up.log  # no server is started
    assert f"export INGEST_BROKER={broker.url}" in up.log
    up.until(lambda: "ingest show" in up.log.partition("The demo:")[2])
    assert "5 dumps gave 6 documents" in up.log
    assert "2 comment-form" in up.log
    shown = up.log.partition("  ingest show ")[2].split()[0]
    assert shown in up.command("show", shown)[0]
    assert up.process.poll() is None
    assert up.end(signal.SIGINT) == 130


def test_stopped_at_work_nothing_is_lost(up: Up) -> None:
    """In every way in which it can be told, one after the other, at the same dumps."""
    up.start()
    open_gate = up.push_gated(100)
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 0), (signal.SIGHUP, 0)):
        up.until_at_work()
        assert up.end(number) == code
        assert "stopped" in up.log
        assert "does not stop" not in up.log, up.log
        counts = up.counts()
        assert counts["cleaning"] == counts["dead"] == 0
        assert counts["done"] < sum(counts.values()) == 100
        assert "start `ingest up`" in up.command("push", "in", code=2)[1]
        up.start()
        assert "first" not in up.log  # nothing was left in anybody's hands

    # A second interrupt kills at once.
    up.until_at_work()
    groups = up.groups()
    os.killpg(up.group_of("ingest worker"), signal.SIGSTOP)  # it cannot stop by itself now
    up.process.send_signal(signal.SIGINT)
    up.until(lambda: "stopping" in up.log)
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(PATIENCE) == 130
    assert living(groups) == []
    up.start()
    open_gate()
    up.until_settled(100)
    assert up.counts()["done"] == 100


def test_it_can_be_told_to_stop_before_it_is_ready(up: Up) -> None:
    up.launch()
    up.until(lambda: (folder_of(up.data) / "appendonlydir").exists())
    assert up.end(signal.SIGTERM) == 0
    assert "ingest is up" not in up.log


def test_demo_without_seeds(up: Up) -> None:
    shutil.copytree(
        ROOT / "ingest", up.folder / "installed/ingest", ignore=shutil.ignore_patterns("__pycache__")
    )
    up.env["PYTHONPATH"] = str(up.folder / "installed")
    assert "seeds/ comes with the source" in up.command("up", "--demo", code=2)[1]


def test_what_cannot_be_started_is_said_in_a_line(up: Up) -> None:
    up.data.write_text("a file where the folder should be")
    assert f"cannot use the data folder {up.data}" in up.command("up", code=2)[1]
    up.data.unlink()
    assert "is not a broker's URL" in up.command("up", "--broker", "http://x", code=2)[1]
    assert (
        "127.0.0.1:1/0 cannot be used now" in up.command("up", "--broker", "redis://127.0.0.1:1/0", code=2)[1]
    )
    assert "in memory" in up.command("up", "--store", "sqlite://", code=2)[1]
    folder = folder_of(up.data) / "appendonlydir"
    folder.mkdir(parents=True)
    (folder / "appendonly.aof.manifest").write_text("this is none\n")
    _, err = up.command("up", code=2)
    assert "queue ended with exit code 1 before it was ready" in err
    assert "Invalid AOF manifest" in err or "manifest" in err
