"""Containers through the command line: as a file and on stdin."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize("on_stdin", [False, True])
def test_a_zip_of_the_seeds_gives_their_articles(tmp_path: Path, on_stdin: bool) -> None:
    packed = tmp_path / "seeds.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for seed in sorted((ROOT / "seeds").glob("*.txt")):
            archive.write(seed, f"in/{seed.name}")
        archive.writestr("in/empty.txt", "")
    done = subprocess.run(
        [sys.executable, "-m", "ingest", "run", "-" if on_stdin else str(packed), "--output", "-"],
        input=packed.read_bytes() if on_stdin else b"",
        capture_output=True,
        cwd=ROOT,
        env={"INGEST_DATA": str(tmp_path / "data"), "PATH": ""},
        check=False,
    )
    assert done.returncode == 1
    assert b"in/empty.txt: empty:" in done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["role"] for r in records] == [*["primary"] * 5, "trailing"]
    assert {r["status"] for r in records} == {"unique"}
