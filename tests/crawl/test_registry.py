"""Sources from the file and from commands."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ingest.crawl import registry
from ingest.crawl.source import Source, definition_of, read_sources, source_of
from ingest.errors import UsageError
from tests.conftest import ROOT

WIRE = '[wire]\nkind = "feed"\nurls = ["https://www.example.org/feed"]\n'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INGEST_CONFIG", str(tmp_path))
    return tmp_path / "sources.toml"


def test_the_file_seeds_the_store_and_a_persons_word_stays(engine: Engine, file: Path) -> None:
    assert registry.registered(engine) == []
    file.write_text(WIRE)
    [wire] = registry.registered(engine)
    assert (wire.source.domains, wire.is_enabled, wire.seeded) == (("example.org",), True, True)
    registry.say(engine, "wire", "disable")
    registry.add(engine, Source(name="own", kind="list", urls=("https://example.net/a",)))
    file.write_text(WIRE + 'every = 5\n[own]\nkind = "feed"\nurls = ["https://example.net/feed"]\n')
    own, wire = registry.registered(engine)
    assert (own.source.kind, own.is_enabled) == ("list", True)  # of a command: not the file's
    assert (wire.source.every, wire.is_enabled) == (5, False)
    assert registry.chosen(engine, []) == [own.source]
    file.unlink()
    assert registry.registered(engine) == [own, wire]
    with pytest.raises(UsageError, match="already"):
        registry.add(engine, own.source)
    for name in ("say", "chosen"):
        with pytest.raises(UsageError, match="no source has the name"):
            registry.say(engine, "x", "enable") if name == "say" else registry.chosen(engine, ["x"])
    registry.say(engine, "own", "disable")
    with pytest.raises(UsageError, match="no source is enabled"):
        registry.chosen(engine, [])


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[a]\nkind = 1", "kind: Input should be"),
        ('[a]\nkind = "feed"', "urls: Field required"),
        ('[a]\nkind = "feed"\nurls = ["ftp://x/"]', "no http or https address"),
        ('[a]\nkind = "feed"\nurls = ["https://u:secret-word@x/"]', "without a password"),
        ('[a]\nkind = "feed"\nurls = ["https://x/"]\ncron = "often"', "no cron expression"),
        ('[a]\nkind = "feed"\nurls = ["https://x/"]\nevery = 5\ncron = "0 * * * *"', "one of them says when"),
        ('[a]\nkind = "section"\nurls = ["https://x/"]', "needs articles"),
        ('[a]\nkind = "section"\nurls = ["https://x/"]\narticles = ["("]', "is no pattern"),
        ('["a b"]\nkind = "feed"\nurls = ["https://x/"]', "letters, digits"),
        ('[a]\nkind = "feed"\nurls = ["https://x/"]\nrate = 1', "rate: Extra inputs"),
        ("a = 1", "stands outside"),
        ("[a", "cannot be read"),
    ],
)
def test_what_is_wrong_is_named(file: Path, text: str, error: str) -> None:
    file.write_text(text)
    with pytest.raises(UsageError, match=error) as raised:
        read_sources(file)
    assert "secret-word" not in str(raised.value)


def test_the_examples_of_our_file_are_right_and_off() -> None:
    text = (ROOT / "config/sources.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text) == {}
    lines = (line.removeprefix("#| ") for line in text.splitlines() if line.startswith("#| "))
    tables = tomllib.loads("\n".join(lines))
    sources = [source_of(name, table) for name, table in tables.items()]
    assert {source.kind for source in sources} == {"feed", "sitemap", "section", "list"}
    shown = {key for table in tables.values() for key in table}
    assert shown == Source.model_fields.keys() - {"name"}
    assert all(source_of(source.name, definition_of(source)) == source for source in sources)


def test_every_field_says_what_it_is() -> None:
    assert all(field.description for field in Source.model_fields.values())
