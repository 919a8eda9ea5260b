"""`ingest up` on a data folder of its own, and commands from another shell; nothing is left after a test."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import Engine

from ingest.model import State
from ingest.running import SCHEME, folder_of
from ingest.store import ledger
from ingest.store.opening import open_engine
from ingest.store.transactions import reading
from tests.patience import PATIENCE
from tests.up.processes import children_of, command_of, groups_of, living
from tests.workers.service import ROOT


class Up:
    """A data folder, and the `ingest up` that runs on it now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("INGEST_")},
            "INGEST_DATA": str(self.data),
            "TMPDIR": str(folder),  # what is killed leaves something behind
            "INGEST_WORKERS": "2",
            "INGEST_QUEUE__CLEANER": "tests.workers.cleaners:clean",
            "PYTHONPATH": str(ROOT),
        }
        self.processes: list[subprocess.Popen[bytes]] = []
        self._groups: set[int] = set()
        self._engines: dict[str, Engine] = {}

    @property
    def store_url(self) -> str:
        return self.env.get("INGEST_STORE", f"sqlite:///{self.data / 'ingest.sqlite'}")

    @property
    def engine(self) -> Engine:
        """On the store, opened once: it is asked often, and the service needs the processors."""
        if self.store_url not in self._engines:
            self._engines[self.store_url] = open_engine(self.store_url)
        return self._engines[self.store_url]

    @property
    def process(self) -> subprocess.Popen[bytes]:
        return self.processes[-1]

    @property
    def log(self) -> str:
        """What the latest one said."""
        return self._log().read_text(errors="replace")

    def launch(self, *arguments: str) -> None:
        port = () if "--port" in arguments else ("--port", str(free()))
        command = [sys.executable, "-m", "ingest", "up", *port, *arguments]
        self.processes.append(None)  # type: ignore[arg-type]  # the log's name counts it
        with self._log().open("wb") as file:
            self.processes[-1] = subprocess.Popen(
                command, cwd=self.folder, env=self.env, stdout=file, stderr=file, start_new_session=True
            )

    def start(self, *arguments: str) -> float:
        """Launch and wait until it is ready.  -> seconds that it took."""
        began = time.monotonic()
        self.launch(*arguments)
        self.until(lambda: "ingest is up" in self.log)
        return time.monotonic() - began

    def groups(self) -> set[int]:
        """The process groups of the latest one, now."""
        groups = groups_of(self.process.pid)
        self._groups |= groups
        return groups

    def group_of(self, name: str) -> int:
        """The group of one child, by a part of its command."""
        [group] = [pid for pid in children_of(self.process.pid) if name in command_of(pid)]
        return group

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end.  -> exit code; none of its processes is left."""
        groups = self.groups()
        self.process.send_signal(number)
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            pytest.fail(f"does not end after {number.name}\n{self.log}")
        assert living(groups) == []
        assert "Traceback" not in self.log
        return code

    def kill(self) -> float:
        """SIGKILL to the parent alone.  -> seconds until none of its processes was left."""
        groups = self.groups()
        began = time.monotonic()
        self.process.kill()
        self.process.wait()
        self.until(lambda: living(groups) == [])
        return time.monotonic() - began

    def command(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        """Another shell, that knows the data folder and nothing else."""
        command = [sys.executable, "-m", "ingest", *arguments]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout, done.stderr

    def client(self) -> Any:
        """Of the broker of its own."""
        url = json.loads((folder_of(self.data) / "up.json").read_text())["broker"]
        return redis.Redis(unix_socket_path=url.removeprefix(SCHEME))

    def counts(self) -> dict[State, int]:
        with reading(self.engine) as connection:
            return ledger.counts(connection)

    def push_gated(self, number: int) -> Callable[[], None]:
        """Push dumps at which the service is until the gate is opened, and a few before them that are soon done.

        -> what opens it.  So a test stops or kills a service at work however quick the machine is.
        """
        gate = self.folder / "gate"
        make_dumps(self.folder / "in", number, f"!gate {gate}\n")
        for n in range(4):
            (self.folder / "in" / f"{n:03}.txt").write_text(f"a quick story {n}\n")
        self.command("push", "in")
        self.until_at_work()
        return gate.touch

    def until_at_work(self) -> None:
        self.until(lambda: self.counts()["cleaning"] > 0)

    def until_settled(self, dumps: int) -> None:
        self.until(lambda: self.counts()["done"] + self.counts()["dead"] == dumps)

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                pytest.fail(f"waited in vain\n{self.log}")
            time.sleep(0.05)

    def close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        for process in self.processes:
            if process.poll() is None:
                self._groups |= groups_of(process.pid)
                process.kill()
                process.wait()
        for group in self._groups:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)

    def _log(self) -> Path:
        return self.folder / f"up-{len(self.processes)}.log"


def free() -> int:
    """A port that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    up = Up(tmp_path)
    yield up
    up.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One for tests that only look at it and push: on a store that a flag names, with the real pipeline."""
    up = Up(tmp_path_factory.mktemp("running"))
    folder_of(up.data).mkdir(parents=True, mode=0o755)  # as somebody made it who did not think of others
    up.env["INGEST_QUEUE__CLEANER"] = "ingest.pipeline:clean"
    store = f"sqlite:///{up.folder / 'elsewhere.sqlite'}"
    up.start("--store", store)
    up.env["INGEST_STORE"] = store
    yield up
    up.close()


def make_dumps(folder: Path, number: int, text: str = "") -> None:
    folder.mkdir()
    for n in range(number):
        (folder / f"{n:03}.txt").write_text(f"story {n}\n{text}")
