"""Boilerplate rules as data: one TOML file for each reason, and the code that reads them.

A rule is certain: it has the last word over any labeller.  Its pattern must match the whole
folded line (see `ingest.vocabulary.words.fold`: case folded, quotes and dashes plain, white space squeezed).
Every rule carries lines that it must remove and lines that it must keep; one test runs them all.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ingest.model import REASONS

MAXIMUM_LENGTH = 240  # characters; longer lines are nobody's button, notice or label


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    reason: str
    pattern: str
    must_remove: tuple[str, ...]
    must_keep: tuple[str, ...]


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order of their files' and their own names."""
    found: list[Rule] = []
    for file in sorted(files(__package__).iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            table = tomllib.loads(file.read_text(encoding="utf-8"))
            reason = table["reason"]
            if reason not in REASONS:
                raise ValueError(f"{file.name}: unknown reason {reason!r}")
            found += [_rule(reason, row) for row in table["rule"]]
    return tuple(found)


def _rule(reason: str, row: dict[str, Any]) -> Rule:
    patterns = [row["pattern"]] if isinstance(row["pattern"], str) else row["pattern"]
    return Rule(
        name=row["name"],
        reason=reason,
        pattern="|".join(f"(?:{pattern})" for pattern in patterns),
        must_remove=tuple(row["must_remove"]),
        must_keep=tuple(row["must_keep"]),
    )


@cache
def _pattern() -> re.Pattern[str]:
    """All rules as one pattern, a group each: a line that none claims, as nearly all are, costs one match."""
    return re.compile("|".join(f"({rule.pattern})" for rule in rules()))


def matching_rule(folded: str) -> Rule | None:
    """The first rule that claims this folded line."""
    if not folded or len(folded) > MAXIMUM_LENGTH:
        return None
    found = _pattern().fullmatch(folded)
    return rules()[found.lastindex - 1] if found and found.lastindex else None
