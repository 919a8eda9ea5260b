"""Every rule removes what its examples say it must, and no rule removes what one of them must keep."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.model import REASONS
from ingest.rules import Rule, matching_rule, rules
from ingest.vocabulary.words import fold


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_examples(rule: Rule) -> None:
    assert rule.reason in REASONS
    assert len(rule.must_remove) >= 2
    assert len(rule.must_keep) >= 2
    for line in rule.must_remove:
        assert re.fullmatch(rule.pattern, fold(line)), line
    for line in rule.must_keep:
        found = matching_rule(fold(line))
        assert found is None, f"{found and found.name} removes {line!r}"


def test_names_are_unique() -> None:
    names = [rule.name for rule in rules()]
    assert len(names) == len(set(names))


def test_no_rule_spells_the_seeds(seeds: list[Path]) -> None:
    """Rules generalise: no outlet, person or place of the seeds stands in them."""
    text = " ".join(seed.read_text(encoding="utf-8") for seed in seeds)
    names = {fold(n) for n in re.findall(r"(?<=[a-z,] )[A-Z][a-z]{3,}", text)}
    # Words of the language that the seeds happen to write with a capital inside a sentence.
    common = {
        "code",
        "comment",
        "human",
        "minister",
        "monday",
        "party",
        "people",
        "rights",
        "security",
        "sunday",
        "times",
    }
    spelled = " ".join(
        fold(f.read_text(encoding="utf-8"))
        for f in files("ingest.rules").iterdir()
        if f.name.endswith(".toml")
    )
    assert not {n for n in names - common if re.search(rf"\b{re.escape(n)}\b", spelled)}


@given(st.text(alphabet=st.sampled_from("abc aeiou()[]|-–:.0123456789 ©*+<>/'\"\u00a0é漢ش"), max_size=240))
def test_rules_take_any_line(line: str) -> None:
    rule = matching_rule(fold(line))
    assert rule == next((rule for rule in rules() if re.fullmatch(rule.pattern, fold(line))), None)


@given(st.sampled_from([line for rule in rules() for line in rule.must_remove]), st.text(max_size=3))
def test_the_first_rule_wins(line: str, more: str) -> None:
    line = fold(line + more)
    assert matching_rule(line) == next((rule for rule in rules() if re.fullmatch(rule.pattern, line)), None)
