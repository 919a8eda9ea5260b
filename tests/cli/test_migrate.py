"""`ingest migrate`: says what it did, does nothing twice, and takes turns."""

from __future__ import annotations

import subprocess
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from ingest.store.migrations import config_on
from ingest.store.schema import REVISION
from tests.cli.test_cli import Shell

OLDER = "0002"


def test_a_store_is_brought_up_once(tmp_path: Path) -> None:
    ingest = Shell(tmp_path)
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    assert ingest("migrate", "--store", url)[0] == f"{url} brought from nothing to revision {REVISION}\n"
    assert ingest("migrate", "--store", url)[0] == f"{url} is at revision {REVISION}: nothing to do\n"


def test_several_take_turns(postgres_url: str, tmp_path: Path) -> None:
    ingest = Shell(tmp_path)
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        command.upgrade(config_on(connection), OLDER)
    engine.dispose()
    ingest.env["INGEST_STORE"] = postgres_url
    pipe = subprocess.PIPE
    all_at_once = [ingest.start("migrate", stdout=pipe, stderr=pipe) for _ in range(3)]
    said = sorted(process.communicate()[0].decode().partition(" ")[2] for process in all_at_once)
    assert [process.returncode for process in all_at_once] == [0, 0, 0]
    nothing = f"is at revision {REVISION}: nothing to do\n"
    assert said == [f"brought from {OLDER} to revision {REVISION}\n", nothing, nothing]
