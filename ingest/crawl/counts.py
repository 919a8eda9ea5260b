"""What a crawl did, in numbers."""

from __future__ import annotations

from collections import Counter
from typing import Literal, get_args

# requests, bytes: on the wire, robots.txt too.  found: pages that listings named, known ones too.
# new, changed, unchanged: pages that were had.  known: redirects to pages that were had.  entries: of feeds, with
# their full text.  broken: answers that we could not store or read, by our fault.  The others are requests that gave
# nothing, by their reason: what the host answered, what was refused here, and what never came.
Count = Literal[
    "requests",
    "bytes",
    "listings",
    "found",
    "new",
    "changed",
    "unchanged",
    "known",
    "entries",
    "retries",
    "client_errors",
    "server_errors",
    "lost",
    "robots",
    "address",
    "offsite",
    "media_type",
    "too_large",
    "limit",
    "broken",
]
NAMES: tuple[Count, ...] = get_args(Count)


class Counts:
    """Counts of one crawl; what was not counted is 0."""

    def __init__(self) -> None:
        self._counted: Counter[Count] = Counter()

    def add(self, name: Count, number: int = 1) -> None:
        self._counted[name] += number

    def __getitem__(self, name: Count) -> int:
        return self._counted[name]

    def as_dict(self) -> dict[str, int]:
        return {name: self._counted[name] for name in NAMES if self._counted[name]}
