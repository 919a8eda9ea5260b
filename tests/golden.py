"""Golden cases: tests/cases/<slug>/dump.* beside expected.json.

python -m tests.golden        writes every expected.json anew; review the diff before you commit it
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ingest

CASES = Path(__file__).resolve().parent / "cases"


def cases() -> list[Path]:
    """The dumps of all cases, in order."""
    return sorted(CASES.glob("*/dump.*"))


def outcome(dump: Path) -> dict[str, Any]:
    """What cleaning makes of a dump, as far as people review it."""
    cleaned = ingest.clean(dump.read_bytes(), source="cases")
    fields = ("role", "title", "standfirst", "published", "authors", "captions", "language", "text")
    return {
        "articles": [
            {field: getattr(article, field) for field in fields} | {"kinds": [b.kind for b in article.blocks]}
            for article in cleaned.articles
        ],
        "removals": [{"text": r.text, "reason": r.reason, "rule": r.rule} for r in cleaned.removals],
    }


def as_json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for dump in cases():
        dump.with_name("expected.json").write_text(as_json(outcome(dump)), encoding="utf-8")
        print(dump.parent.name)
