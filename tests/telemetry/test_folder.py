from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ingest.telemetry.folder import counting_folder
from tests.conftest import ROOT

WORKER = (
    "from ingest.telemetry.folder import counting_folder\n"
    "with counting_folder() as folder:\n"
    "    (folder / 'counter_0.db').write_bytes(b'1')\n"
    "    print(folder, flush=True)\n"
    "    input()\n"
)


def test_what_a_killed_worker_left_is_removed_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "ingest-other").mkdir()
    (tmp_path / "ingest-metrics-link").symlink_to(tmp_path / "ingest-other")
    (tmp_path / "ingest-metrics-file").touch()
    env = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        subprocess.Popen([sys.executable, "-c", WORKER], env=env, text=True, **pipes) as killed,  # type: ignore[call-overload]
        subprocess.Popen([sys.executable, "-c", WORKER], env=env, text=True, **pipes) as living,  # type: ignore[call-overload]
    ):
        left, kept = (Path(process.stdout.readline().strip()) for process in (killed, living))
        killed.kill()
        killed.wait()
        assert left.exists()
        with counting_folder() as folder:
            assert not left.exists()
            assert list(kept.iterdir()) == [kept / "counter_0.db"]
            assert folder.stat().st_mode & 0o077 == 0
        living.communicate("\n")
    others = {"ingest-other", "ingest-metrics-link", "ingest-metrics-file"}
    assert {path.name for path in tmp_path.iterdir()} == others
