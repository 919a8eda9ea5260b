"""What `ingest sites` does.  Every function returns the exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from ingest.cli import console
from ingest.cli.commands import DONE, settings_with
from ingest.cli.show import printable
from ingest.run import learning
from ingest.settings import Settings
from ingest.store import sites
from ingest.store.opening import opened
from ingest.store.transactions import reading

__all__ = ["forget", "learn_site", "list_sites", "say", "settings_with", "show_site"]

_SAYS = {None: "counted", "keep": "kept by you", "drop": "dropped by you", "restore": "restored by you"}


def list_sites(settings: Settings, *, as_json: bool) -> int:
    with opened(settings) as engine, reading(engine) as connection:
        found = sites.listed(connection)
    for known in found:
        if as_json:
            sys.stdout.write(json.dumps(asdict(known)) + "\n")
        else:
            _print(known.lines, known.stories, known.learned_at, known.version or "-", known.source)
    return DONE


def show_site(settings: Settings, source: str, *, as_json: bool) -> int:
    with opened(settings) as engine, reading(engine) as connection:
        known, lines = sites.find(connection, source), sites.lines_of(connection, source)
    for line in lines:
        share = round(line.stories / known.stories, 3) if known.stories else 0.0
        if as_json:
            said = {**asdict(line), "share": share, "in_force": line.in_force}
            sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
        else:
            _print(f"{line.stories}/{known.stories}", line.since, _SAYS[line.word], line.example)
    return DONE


def learn_site(settings: Settings, source: str) -> int:
    with opened(settings) as engine:
        return _tell(learning.learn_source(engine, source, settings.sites))


def say(settings: Settings, source: str, lines: Sequence[str], word: sites.Word | None) -> int:
    with opened(settings) as engine:
        return _tell(learning.say(engine, source, lines, word, settings.sites))


def forget(settings: Settings, source: str, lines: Sequence[str]) -> int:
    if lines:
        return say(settings, source, lines, None)
    with opened(settings) as engine:
        learning.forget(engine, source)
    return _tell(learning.Learned(source, 0, changed=True))


def _tell(learned: learning.Learned) -> int:
    console.say(f"{learned.lines} lines of {learned.source} are furniture")
    if learned.changed:
        console.say("ingest replay cleans again what was cleaned with others")
    return DONE


def _print(*fields: object) -> None:
    sys.stdout.write(printable("\t".join(map(str, fields))).replace("\n", " ") + "\n")
