"""Values as the store takes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from ingest.model import Status

T = TypeVar("T")

MAX_BINDS = 500  # values in one IN (...): SQLite allowed 999 variables for long


def portions(values: Sequence[T], size: int = MAX_BINDS) -> Iterator[Sequence[T]]:
    """The values in pieces that fit one statement."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def status_of(kind: str | None) -> Status:
    """A document's status by the kind of its link to what it copies; None where it has none."""
    return "unique" if kind is None else "exact-copy" if kind == "exact" else "near-copy"


def now() -> str:
    """This moment as the store writes it: ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def storable(value: str) -> str:
    """The text without what a database refuses: NUL and lone surrogates become U+FFFD."""
    return value.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
