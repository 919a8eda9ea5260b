"""Raw news dumps in, clean documents out: the library's face.

import ingest
cleaned = ingest.clean(payload)             # articles and removals of one dump
bounds = ingest.split(lines)                # where further stories begin
with ingest.Deduplicator() as index: ...    # near-copies alone
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.index.deduplicator import Deduplicator
    from ingest.index.protocol import Verdict
    from ingest.pipeline import clean, split
    from ingest.queue import Pushed, push

__all__ = ["Deduplicator", "Pushed", "Verdict", "clean", "push", "split"]

# Loaded when first used: every command and worker imports this package, few need all of it.
_HOMES = {
    "Deduplicator": "ingest.index.deduplicator",
    "Pushed": "ingest.queue",
    "Verdict": "ingest.index.protocol",
    "clean": "ingest.pipeline",
    "push": "ingest.queue",
    "split": "ingest.pipeline",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
