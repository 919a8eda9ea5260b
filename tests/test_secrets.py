"""Settings from files: where they stand in the order, and that nothing wrong with them is passed over."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.errors import UsageError
from ingest.settings import Settings
from tests.conftest import ROOT


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir()
    monkeypatch.setenv("INGEST_SECRETS", str(folder))
    monkeypatch.setenv("INGEST_CONFIG", str(tmp_path))
    (tmp_path / "default.toml").write_text('store = "config"\nbroker = "config"\nbatch = 5\n')
    return folder


def test_secrets_stand_between_environment_and_config(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().store == "config"
    (folder / "ingest_store").write_text(" secret with a space\n")
    (folder / "ingest_broker").write_text("secret")
    (folder / "postgres_password").write_bytes(b"\xff of others")
    assert (Settings().store, Settings().broker, Settings().batch) == ("secret with a space", "secret", 5)
    monkeypatch.setenv("INGEST_BROKER", "environment")
    assert (Settings().store, Settings().broker) == ("secret with a space", "environment")
    assert Settings(broker="flag").broker == "flag"


def test_a_folder_as_platforms_mount_it(folder: Path) -> None:
    (folder / "..data").mkdir()
    (folder / "..data/ingest_store").write_text("linked")
    (folder / "ingest_store").symlink_to("..data/ingest_store")
    assert Settings().store == "linked"


WRONG: dict[str, Callable[[Path], object]] = {
    "is empty": lambda secret: secret.write_text("\n"),
    "cannot read the secret .*ingest_store: Is a directory": lambda secret: secret.mkdir(),
    "is not UTF-8": lambda secret: secret.write_bytes(b"\xff"),
    "leads out of its folder": lambda secret: secret.symlink_to(__file__),
    "cannot read the secret .*ingest_store: No such file": lambda secret: secret.symlink_to("nowhere"),
    "no such folder": lambda secret: secret.parent.rmdir(),
}


@pytest.mark.parametrize("message", WRONG)
def test_nothing_wrong_is_passed_over(folder: Path, message: str) -> None:
    WRONG[message](folder / "ingest_store")
    with pytest.raises(UsageError, match=message):
        Settings()


def test_a_person_is_told_in_one_line(tmp_path: Path) -> None:
    env = {**os.environ, "INGEST_SECRETS": str(tmp_path / "none"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "ingest", "status"]
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"ingest: INGEST_SECRETS names {tmp_path / 'none'}, and no such folder is there\n"
