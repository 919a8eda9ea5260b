"""What happens, counted where it happens: in workers.

Shown by `ingest.telemetry.serving`; where that was not entered before this module is loaded, the counts stay in
their process, unread, at a microsecond each.
"""

from __future__ import annotations

import mmap
from collections import Counter as Bag
from collections.abc import Iterable
from hashlib import blake2b
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Histogram

from ingest.model import REASONS, Removal

SOURCES = 100  # names of sources, and reasons of death, that are told apart; what comes after them is OTHER
OTHER = "other"
LABEL_CHARACTERS = 100

REGISTRY = CollectorRegistry()
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_TASK_SECONDS = (0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)

FINISHED = Counter(
    "ingest_dumps_finished_total",
    "Dumps whose work ended, by source, outcome (done or dead) and, for the dead, reason.",
    ["source", "outcome", "reason"],
    registry=REGISTRY,
)
REMOVALS = Counter(
    "ingest_removals_total", "Spans taken out of dumps, by reason.", ["reason"], registry=REGISTRY
)
REMOVED = Counter(
    "ingest_removed_characters_total",
    "Characters (code points) of these spans, by reason.",
    ["reason"],
    registry=REGISTRY,
)
LOST = Counter(
    "ingest_lost_processes_total",
    "Cleaning processes that a dump cost, by reason: crashed, timeout (exceeded time_limit), memory.",
    ["reason"],
    registry=REGISTRY,
)
SENT_AGAIN = Counter(
    "ingest_sent_again_total", "Dumps that the sweeper found forgotten and sent again.", registry=REGISTRY
)
TASK = Histogram(
    "ingest_task_seconds",
    "Seconds that a task took, by task.",
    ["task"],
    registry=REGISTRY,
    buckets=_TASK_SECONDS,
)
_STAGE = Histogram(
    "ingest_stage_seconds",
    "Seconds of one step: load (reading a few dumps), clean (one dump), store (one transaction).",
    ["stage"],
    registry=REGISTRY,
    buckets=_SECONDS,
)
LOAD, CLEAN, STORE = (_STAGE.labels(stage) for stage in ("load", "clean", "store"))


class Bounded:
    """At most `maximum` different values of a label, over this process and those that it forks later.

    A process that takes another's place goes on with its counts, so it must go on with its labels as well.
    """

    def __init__(self, maximum: int) -> None:
        self._known: set[str] = set()
        # Hashes of the values.  Where two processes meet a new one at the same moment, both may get in.
        self._shared = memoryview(mmap.mmap(-1, 8 * maximum)).cast("Q")

    def __call__(self, value: str) -> str:
        """The value, cut to a label's length, or OTHER where there are too many already."""
        value = value[:LABEL_CHARACTERS]
        if value in self._known:
            return value
        mark = int.from_bytes(blake2b(value.encode("utf-8", "replace"), digest_size=8).digest(), "big") | 1
        for n, there in enumerate(self._shared):
            if there == 0:
                self._shared[n] = mark
            if there in (0, mark):
                self._known.add(value)
                return value
        return OTHER


source_label, reason_label = Bounded(SOURCES), Bounded(SOURCES)


class Batch:
    """The dumps of one transaction, added up first: then a count is touched once a batch, not once a dump."""

    def __init__(self) -> None:
        self._finished: Bag[tuple[str, Literal["done", "dead"], str]] = Bag()
        self._removals: Bag[str] = Bag()
        self._removed: Bag[str] = Bag()

    def done(self, source: str | None, removals: Iterable[Removal]) -> None:
        self._finished[source or "", "done", ""] += 1
        for removal in removals:
            reason = removal.reason if removal.reason in REASONS else OTHER
            self._removals[reason] += 1
            self._removed[reason] += len(removal.text)

    def dead(self, source: str | None, reason: str) -> None:
        self._finished[source or "", "dead", reason] += 1

    def count(self) -> None:
        """To be called when the transaction is committed."""
        for (source, outcome, reason), number in self._finished.items():
            FINISHED.labels(source_label(source), outcome, reason_label(reason)).inc(number)
        for reason, number in self._removals.items():
            REMOVALS.labels(reason).inc(number)
            REMOVED.labels(reason).inc(self._removed[reason])
