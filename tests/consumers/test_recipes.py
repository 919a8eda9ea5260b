"""The recipes of README.md for other tools, word for word, over a store on Postgres."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text

from ingest.store.opening import open_engine
from ingest.store.transactions import writing
from tests.conftest import ROOT
from tests.postgres import Postgres
from tests.store.test_documents import LONG, OTHER, stored

README = (ROOT / "README.md").read_text(encoding="utf-8")


def recipe(name: str) -> str:
    found = re.search(rf"<!-- recipe: {name} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    assert found, name
    return found[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Path:
    """A working folder with both exports of a store on Postgres, whose URL is in a file."""
    folder = tmp_path_factory.mktemp("recipes")
    store = postgres.fresh()
    (folder / "store").write_text(store)
    engine = open_engine(store)
    with writing(engine) as connection:
        # Of the first source no document has a date or authors beside its text, and one is a copy.
        stored(connection, f"First\n{LONG}\n# menu", "first")
        stored(connection, f"First\n{LONG}\n# other menu\n# and more", "first")
        stored(connection, f"Second\n{OTHER}", "second")
        connection.execute(
            text("UPDATE articles SET published = NULL, language = NULL WHERE source = 'first'")
        )
    engine.dispose()
    for export in ("--to clean/ --format parquet", "--to lines/"):
        assert f"ingest export {export}" in README
        python(folder, "-m", "ingest", "export", *export.split())
    return folder


def python(folder: Path, *arguments: str) -> str:
    """What it prints."""
    env = {
        **os.environ,
        "INGEST_STORE": (folder / "store").read_text(),
        "INGEST_DATA": str(folder / "data"),
        "PYTHONPATH": str(ROOT),
        "HF_HOME": str(folder / "cache"),
        "HF_HUB_OFFLINE": "1",
    }
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_duckdb(folder: Path) -> None:
    said = python(folder, "-c", recipe("duckdb"))
    assert re.search(r"first\s*│\s*1\s*│\s*1\b", said), said
    assert re.search(r"second\s*│\s*1\s*│\s*0\b", said), said


def test_pandas(folder: Path) -> None:
    said = python(folder, "-c", recipe("pandas"))
    assert re.search(r"first\s+\d+\.\d", said), said
    assert re.search(r"second\s+\d+\.\d", said), said


def test_datasets(folder: Path) -> None:
    assert "num_rows: 3" in python(folder, "-c", recipe("datasets"))


def test_sql(folder: Path) -> None:
    url = make_url((folder / "store").read_text()).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        rows = connection.execute(recipe("sql")).fetchall()  # type: ignore[arg-type]
    assert [row[:3] for row in rows] == [("first", 2, 1), ("second", 1, 0)]
