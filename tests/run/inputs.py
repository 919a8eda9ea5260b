"""Inputs for runs, and what a store holds after one."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from ingest.store.schema import metadata
from ingest.store.transactions import reading

# What tells when something was done, or how often it was begun, not what came of it.
OCCASION = {
    "attempts",
    "seen_at",
    "received_at",
    "updated_at",
    "cleaned_at",
    "traceback",
    "learned_at",
    "since",
}


def make_inputs(folder: Path, number: int, seed: int = 1) -> Path:
    """Stories with copies, near-copies, second stories, furniture, dead and empty dumps among them."""
    folder.mkdir()
    rng = random.Random(seed)  # noqa: S311
    stories = [" ".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=120)) for _ in range(number)]
    for n in range(number):
        story = stories[n]
        match n % 8:
            case 1:
                story = stories[rng.randrange(n)].upper()
            case 3:
                story = " ".join(stories[rng.randrange(n)].split()[: rng.randint(60, 120)])
            case 5:
                story += f"\n===\n{stories[rng.randrange(n)]} and more"
        text = {2: "", 6: f"# {n}\n", 7: f"!raise\n{n}\n"}.get(n % 16, f"# menu\n{story}\n")
        (folder / f"{n:03}.txt").write_text(text if n % 16 != 2 else " " * n)
    return folder


def contents(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, but for what depends on the occasion."""
    with reading(engine) as connection:
        return {
            table.name: sorted(
                (
                    {k: v for k, v in row.items() if k not in OCCASION}
                    for row in connection.execute(table.select()).mappings()
                ),
                key=repr,
            )
            for table in metadata.sorted_tables
        }
