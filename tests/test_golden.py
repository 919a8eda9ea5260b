"""Golden cases: what people reviewed stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden import as_json, cases, outcome


@pytest.mark.parametrize("dump", cases(), ids=lambda dump: dump.parent.name)
def test_golden(dump: Path) -> None:
    expected = dump.with_name("expected.json").read_text(encoding="utf-8")
    assert as_json(outcome(dump)) == expected, (
        "if the change is meant: python -m tests.golden, and review the diff"
    )
