"""The main job: five real dumps give exactly the six expected articles, whatever was done to their bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ingest
from tests.conftest import ROOT

GOLD: dict[str, list[dict[str, Any]]] = json.loads(
    (ROOT / "tests/cases/seeds/expected.json").read_text(encoding="utf-8")
)


def squeeze(text: str | None) -> str | None:
    return " ".join(text.replace("\u00a0", " ").split()) if text is not None else None


def articles(payload: bytes) -> list[dict[str, Any]]:
    return [
        {
            "role": a.role,
            "title": squeeze(a.title),
            "published": a.published and a.published[:10],
            "language": a.language,
            "captions": [squeeze(c) for c in a.captions],
            "text": [squeeze(p) for p in a.text.split("\n\n")],
        }
        for a in ingest.clean(payload).articles
    ]


def test_every_seed_has_its_expectation(seeds: list[Path]) -> None:
    assert [seed.name for seed in seeds] == sorted(GOLD)


EDITS: dict[str, Callable[[str], bytes]] = {
    "as they are": lambda t: t.encode(),
    "CRLF": lambda t: t.replace("\n", "\r\n").encode(),
    "CR": lambda t: t.replace("\n", "\r").encode(),
    "byte-order mark": lambda t: b"\xef\xbb\xbf" + t.encode(),
    "no-break spaces": lambda t: t.replace(" ", "\u00a0").encode(),
    "some no-break spaces": lambda t: re.sub(r" (?=\w{5})", "\u00a0", t).encode(),
    "blank lines doubled": lambda t: t.replace("\n\n", "\n\n\n\n").encode(),
    "a blank line behind every line": lambda t: t.replace("\n", "\n\n").encode(),
    "blank lines removed": lambda t: re.sub(r"\n\s*\n+", "\n", t).encode(),
    "trailing blanks": lambda t: t.replace("\n", " \t\n").encode(),
    "windows-1252": lambda t: t.encode("windows-1252"),
    "UTF-16 with a mark": lambda t: t.encode("utf-16"),
    "UTF-16 without": lambda t: t.encode("utf-16-be"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_seeds(edit: str, seeds: list[Path]) -> None:
    for seed in seeds:
        payload = EDITS[edit](seed.read_bytes().decode("utf-8"))
        assert articles(payload) == GOLD[seed.name], seed.name


def test_two_stories_are_split_at_the_second_header(seeds: list[Path]) -> None:
    lines = seeds[4].read_text(encoding="utf-8").split("\n")
    (bound,) = ingest.split(lines)
    assert lines[bound] == GOLD[seeds[4].name][1]["title"]
    for seed in seeds[:4]:
        assert ingest.split(seed.read_text(encoding="utf-8").split("\n")) == []
