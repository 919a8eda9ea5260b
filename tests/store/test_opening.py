from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.errors import Unavailable
from ingest.store.opening import open_engine


def test_the_folder_of_the_store_is_made(tmp_path: Path) -> None:
    open_engine(f"sqlite:///{tmp_path / 'a' / 'b' / 'c.sqlite'}").dispose()
    assert (tmp_path / "a" / "b" / "c.sqlite").exists()


def test_two_processes_open_a_fresh_store_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'one.sqlite'}"
    # A common moment to start at: processes take unequal time to import.
    code = (
        "import sys, time; from ingest.store.numbers import allot\n"
        "from ingest.store.opening import open_engine\n"
        "from ingest.store.transactions import writing\n"
        "import ingest.store.migrations\n"
        "time.sleep(max(0, float(sys.argv[2]) - time.time()))\n"
        "engine = open_engine(sys.argv[1])\n"
        "for _ in range(20):\n"
        "    with writing(engine) as c: print(allot(c, 'n'))\n"
    )
    moment = str(time.time() + 2.5)
    command = [sys.executable, "-W", "error", "-c", code, url, moment]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    numbers = [int(line) for process in both for line in process.communicate()[0].split()]
    assert [process.returncode for process in both] == [0, 0, 0]
    assert sorted(numbers) == list(range(1, 61))


def test_a_file_that_is_no_store_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes, which are no database " * 100)
    with pytest.raises(Unavailable, match=r"cannot open the store"):
        open_engine(f"sqlite:///{path}")
    assert path.read_text().startswith("my notes")
