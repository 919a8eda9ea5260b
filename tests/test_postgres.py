"""The tests' own Postgres keeps what was committed over a crash, and leaves nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.postgres import Postgres
from tests.workers.service import until

KILLED = """
import os, signal
from tests.postgres import Postgres
server = Postgres()
print(server.folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def connect(url: str) -> psycopg.Connection[tuple[int]]:
    return psycopg.connect(url.replace("+psycopg", ""))


@pytest.mark.parametrize(("durable", "password"), [(True, None), (False, "with:/@and%")])
def test_what_was_committed_outlives_a_crash(durable: bool, password: str | None) -> None:
    with Postgres(durable=durable, password=password) as server:
        url = server.fresh()
        with connect(url) as client:
            client.execute("CREATE TABLE numbers (n int)")
            client.execute("INSERT INTO numbers VALUES (1)")
            client.commit()
            client.execute("INSERT INTO numbers VALUES (2)")
            server.kill()
            with pytest.raises(psycopg.OperationalError):
                client.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            connect(url)
        server.start()
        server.restart()
        with connect(url) as client:
            assert client.execute("SELECT n FROM numbers").fetchall() == [(1,)]
        server.drop(url)
    assert not server.folder.exists()


def test_each_database_is_empty_and_of_its_own(postgres: Postgres, postgres_url: str) -> None:
    other = postgres.fresh()
    assert other != postgres_url
    with connect(postgres_url) as client:
        client.execute("CREATE TABLE numbers (n int)")
    with connect(other) as client, pytest.raises(psycopg.errors.UndefinedTable):
        client.execute("SELECT n FROM numbers")
    postgres.drop(other)


def test_killed_tests_leave_no_server() -> None:
    done = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    folder = done.stdout.strip()
    until(lambda: not Path(folder).exists())
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=folder, user="ingest", dbname="postgres")
