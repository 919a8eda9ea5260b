"""Signs of life of a worker: a row in the store, renewed while its main process is well.

The main process forks, and what it has of SQLite in memory (locks, by file) is wrong in a fork, so it opens no
store.  It says in shared memory that it is well; the first of its processes writes that down.
"""

from __future__ import annotations

import mmap
import time
from typing import Any

from billiard import current_process
from celery import signals

from ingest.store.workers import Worker
from ingest.telemetry.heart import SECONDS, Heart

_PATIENCE = (
    3 * SECONDS
)  # the main process is not well when it was silent for so long; it speaks every 2 seconds


def place() -> int | str:
    """This process's place among those of the worker: no two that live have the same; who follows takes it over."""
    number: int | str = getattr(current_process(), "index", "main")
    return number


def sign(store_url: str, worker: Worker) -> None:
    """Have signs given from now on.  To be called before the worker forks."""
    spoke = memoryview(mmap.mmap(-1, 8)).cast("d")  # anonymous and shared: a fork reads the same bytes

    def speak(**_: Any) -> None:
        spoke[0] = time.monotonic()

    heart = Heart(store_url, worker, lambda: time.monotonic() - spoke[0] < _PATIENCE)

    def start(**_: Any) -> None:
        if place() == 0:
            heart.start()

    speak()
    signals.heartbeat_sent.connect(speak, weak=False)
    signals.worker_process_init.connect(start, weak=False)
