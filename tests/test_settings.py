"""Settings: every one is documented in config/default.toml with the value it has."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from ingest.settings import Settings
from tests.conftest import ROOT

FILE = ROOT / "config/default.toml"
SECTIONS = {
    name: type(field.default)
    for name, field in Settings.model_fields.items()
    if isinstance(field.default, BaseModel)
}


def test_the_file_shows_every_setting_and_its_default() -> None:
    text = FILE.read_text(encoding="utf-8")
    shown = tomllib.loads(text)
    commented = {"data", "store", "payloads", "broker", "workers"}  # defaults that depend on the machine
    assert shown.keys() | commented == Settings.model_fields.keys()
    assert all(f"# {name} =" in text for name in commented)
    for name, section in SECTIONS.items():
        assert section(**shown.pop(name)) == section()
    assert {name: Settings.model_fields[name].default for name in shown} == shown


def test_every_setting_says_what_it_is() -> None:
    for model in (Settings, *SECTIONS.values()):
        for name, field in model.model_fields.items():
            is_section = model is Settings and name in SECTIONS
            assert field.description or is_section, name


def test_precedence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "default.toml").write_text("batch = 7\nattempts = 7\ntime_limit = 7.0\n", encoding="utf-8")
    monkeypatch.setenv("INGEST_CONFIG", str(tmp_path))
    monkeypatch.setenv("INGEST_ATTEMPTS", "8")
    monkeypatch.setenv("INGEST_TIME_LIMIT", "8")
    settings = Settings(time_limit=9)
    assert (settings.batch, settings.attempts, settings.time_limit) == (7, 8, 9.0)


def test_data_folder_holds_the_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INGEST_DATA", str(tmp_path))
    assert Settings().store_url == f"sqlite:///{tmp_path / 'ingest.sqlite'}"
    monkeypatch.setenv("INGEST_STORE", "sqlite:///elsewhere.db")
    assert Settings().store_url == "sqlite:///elsewhere.db"


def test_an_empty_variable_is_as_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Compose files and shells make such; a file or a secret is not to be overruled by nothing."""
    (tmp_path / "default.toml").write_text('broker = "redis://file:1/0"\n[queue]\nbacklog = 7\n')
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/ingest_store").write_text("sqlite:///secret.db")
    monkeypatch.setenv("INGEST_CONFIG", str(tmp_path))
    monkeypatch.setenv("INGEST_SECRETS", str(tmp_path / "secrets"))
    for name in ("DATA", "STORE", "BROKER", "PAYLOADS", "WORKERS", "QUEUE", "QUEUE__BACKLOG", "API__PORT"):
        monkeypatch.setenv(f"INGEST_{name}", "")
    settings = Settings()
    assert (settings.store_url, settings.broker) == ("sqlite:///secret.db", "redis://file:1/0")
    assert (settings.queue.backlog, settings.api.port) == (7, 8000)

    monkeypatch.setenv("INGEST_CONFIG", "")
    monkeypatch.setenv("INGEST_SECRETS", "")
    monkeypatch.chdir(tmp_path)  # which holds a default.toml, and no folder config/
    settings = Settings()
    assert settings == Settings(store=None, broker=None, payloads=None)
    assert (settings.broker, settings.queue.backlog) == (None, 100_000)
    assert settings.store_url == f"sqlite:///{settings.data / 'ingest.sqlite'}"
    assert settings.payloads_url == str(settings.data / "payloads")


def test_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INGEST_BATCH", "none")
    with pytest.raises(ValidationError, match="batch"):
        Settings()


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError,
        match=r"no labeller-html\.npz and no labeller-flat\.npz and no splitter\.npz in .*training\.labeller",
    ):
        Settings(cleaning={"weights": tmp_path})
    (tmp_path / "labeller-flat.npz").touch()
    assert Settings(cleaning={"weights": tmp_path}).cleaning.weights == tmp_path
