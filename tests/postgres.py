"""A Postgres of the tests' own: started by them, on a socket or port that nobody else knows, and killed at will."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL

from tests.patience import PATIENCE
from tests.ports import unused_port
from tests.postgres_programs import programs

# Run by a shell whose standard input is a pipe from us.  A line: all is well, end.  No line but the pipe's end:
# the tests were killed, so the server ($0) and its folder ($1) have to go.
_TETHER = 'read _ || { kill -QUIT "$0"; sleep 2; rm -rf "$1"; } 2>/dev/null'


class Postgres:
    """A server with a folder of its own; what was committed survives `kill` where it is durable.

    `durable=False` leaves out what only a power cut would show, and is several times as fast: a killed server
    keeps its data either way, for the operating system still has it.  With a `password`, it listens on a
    loopback port and wants it; without one, on a socket that only this user can reach.  `arguments` of the
    server have the last word.
    """

    def __init__(
        self, *, durable: bool = False, password: str | None = None, arguments: Sequence[str] = ()
    ) -> None:
        self._programs = programs()
        # Postgres refuses to run as root.
        self._user = _unprivileged() if os.geteuid() == 0 else None
        self.folder = Path(
            tempfile.mkdtemp(prefix="ingest-pg-")
        )  # short: a socket's name has room for 100 bytes
        self._names = (f"test_{n}" for n in count(1))
        self._password = password
        self._port = 5432 if password is None else unused_port()
        try:
            self._initialise()
            self._command = [str(self._programs / "postgres"), "-D", "data", "-p", str(self._port)]
            self._command += [f"--{name}={value}" for name, value in self._options(durable).items()]
            self._command += arguments
            self.start()
        except BaseException:
            shutil.rmtree(self.folder)
            raise

    @property
    def url(self) -> str:
        """Of the database that is always there."""
        return self._url("postgres")

    def fresh(self, name: str | None = None) -> str:
        """The URL of a new, empty database."""
        name = name or next(self._names)
        # Copying files is the faster way where nothing is flushed to the disk; the other way writes it all as log.
        strategy = "STRATEGY file_copy" if self._admin.info.server_version >= 150000 else ""
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 {strategy}")
        return self._url(name)

    def drop(self, url: str) -> None:
        """Give back what `fresh` made, whoever is still connected."""
        self._admin.execute(f"DROP DATABASE {url.rpartition('/')[2].partition('?')[0]} WITH (FORCE)")

    def start(self) -> None:
        self._alive, held = (
            os.pipe()
        )  # each of its processes holds this end: the other reads when all are gone
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=held, stdout=log, stderr=log, **self._as_user()
            )
        os.close(held)
        tether = ["sh", "-c", _TETHER, str(self._process.pid), str(self.folder)]
        self._tether = subprocess.Popen(tether, stdin=subprocess.PIPE, start_new_session=True)
        try:
            self._admin = self._connected()
        except BaseException:
            self._process.send_signal(signal.SIGQUIT)
            self._ended()
            raise

    def kill(self) -> None:
        """End all of its processes at once, as a crash of the machine would; `start` recovers."""
        # A stopped server starts no process, while one that it started before still tells us of all.
        self._process.send_signal(signal.SIGSTOP)
        pids = [pid for (pid,) in self._admin.execute("SELECT pid FROM pg_stat_activity").fetchall()]
        for pid in [self._process.pid, *pids]:
            os.kill(pid, signal.SIGKILL)
        self._admin.close()
        self._ended()
        self._forget_memory()

    def stop(self) -> None:
        """End it in order: connections are cut, nothing is left to recover."""
        self._admin.close()
        self._process.send_signal(signal.SIGINT)
        self._ended()

    def restart(self) -> None:
        """In order, on the same data and address."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End it, if it runs, and leave nothing behind."""
        if self._process.poll() is None:
            self._admin.close()
            self._process.send_signal(signal.SIGQUIT)  # at once, and without a remnant
            self._ended()
        shutil.rmtree(self.folder)

    def __enter__(self) -> Postgres:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _initialise(self) -> None:
        if self._user is not None:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        command = [str(self._programs / "initdb"), "-D", "data", "--username=ingest", "--no-sync"]
        command += ["--encoding=UTF8", "--no-locale"]
        if self._password is None:
            command += ["--auth=trust"]  # the folder's permissions are the lock
        else:
            (self.folder / "password").write_text(self._password, encoding="utf-8")
            command += ["--auth=scram-sha-256", "--pwfile=password"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, **self._as_user())
        except PermissionError as error:
            who = f"the user {self._user.pw_name}" if self._user else "this user"
            pytest.fail(f"{who} is to run Postgres, for root may not, and cannot: {error}", pytrace=False)
        if done.returncode:
            pytest.fail(f"{' '.join(command)}\n{done.stdout}{done.stderr}", pytrace=False)

    def _options(self, durable: bool) -> dict[str, str]:
        return {
            "listen_addresses": "127.0.0.1" if self._password else "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "100",
            "shared_buffers": "32MB",
            "dynamic_shared_memory_type": "mmap",  # files in its folder, gone with it even after a kill
            **({} if durable else {"fsync": "off", "full_page_writes": "off"}),
        }

    def _as_user(self) -> dict[str, Any]:
        options: dict[str, Any] = {"cwd": self.folder, "start_new_session": True}
        if self._user is not None:
            options |= {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        return options

    def _url(self, database: str) -> str:
        url = URL.create("postgresql+psycopg", "ingest", self._password, database=database)
        if self._password is None:
            return url.update_query_dict({"host": str(self.folder)}).render_as_string()
        return url.set(host="127.0.0.1", port=self._port).render_as_string(hide_password=False)

    def _connected(self) -> psycopg.Connection[Any]:
        where = str(self.folder) if self._password is None else "127.0.0.1"
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return psycopg.connect(
                    host=where,
                    port=self._port,
                    user="ingest",
                    password=self._password,
                    dbname="postgres",
                    autocommit=True,
                )
            except psycopg.OperationalError as error:  # not yet there, or still recovering
                if self._process.poll() is not None or time.monotonic() > end:
                    said = (self.folder / "log").read_text(errors="replace")
                    pytest.fail(f"Postgres does not start: {error}\n{said}", pytrace=False)
            time.sleep(0.02)

    def _ended(self) -> None:
        self._process.wait()
        os.read(self._alive, 1)
        os.close(self._alive)
        with suppress(BrokenPipeError):
            self._tether.communicate(b"\n")

    def _forget_memory(self) -> None:
        """The few bytes of System V memory that a killed server leaves, which a crash of the machine would not."""
        lines = (self.folder / "data/postmaster.pid").read_text().splitlines()
        if len(lines) > 6 and (ids := lines[6].split()):
            remove = 0  # IPC_RMID
            ctypes.CDLL(None).shmctl(int(ids[1]), remove, None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests that need a database and not a crash."""
    with Postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """An empty database of a test's own."""
    url = postgres.fresh()
    yield url
    postgres.drop(url)


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    pytest.fail("Postgres refuses to run as root, and there is no user postgres or nobody", pytrace=False)
