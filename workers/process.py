"""What belongs to one worker process: its connections, its way to stop, its end."""

from __future__ import annotations

import mmap
import os
import threading
import time
from collections.abc import Callable
from functools import cached_property
from multiprocessing import process
from typing import Any

from celery import signals
from sqlalchemy import Engine

from ingest.collector import spare_what_is_loaded
from ingest.queue.bench import Bench
from ingest.settings import Settings
from ingest.store.opening import open_store

_COLLECTED_AFTER = 50_000  # objects: rows and values of a batch live until it is stored
_LOOK = 1.0  # seconds between two looks at whether the parent lives


class Desk:
    """What the tasks of one process work with.

    Opened in the process itself: neither a database connection nor a pool of processes survives a fork.
    """

    def __init__(self, settings: Settings, stopping: Callable[[], bool]) -> None:
        self._settings = settings
        self._stopping = stopping
        self._cleans = True
        self._main_process = process.current_process()

    @cached_property
    def engine(self) -> Engine:
        return open_store(self._settings)

    @cached_property
    def bench(self) -> Bench:
        return Bench(self._settings, self._stopping)

    def open_when_forked(self, *, cleans: bool) -> None:
        """Have each process of Celery's pool ready before its first task, whose time is counted."""
        self._cleans = cleans
        signals.worker_process_init.connect(self._open, weak=False)
        signals.worker_process_shutdown.connect(self._close, weak=False)

    def _open(self, **_: Any) -> None:
        threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
        # billiard puts its own idea of the current process, a daemon, in the place of multiprocessing's, which
        # then refuses to start any.  Ours may have children: they end with it by themselves.
        setattr(process, "_current_process", self._main_process)  # noqa: B010  (a name that typeshed hides)
        if self._cleans:
            self.bench.rest()
        self.engine.connect().close()
        spare_what_is_loaded(_COLLECTED_AFTER)

    def _close(self, **_: Any) -> None:
        if "bench" in vars(self):  # else none was needed
            self.bench.close()
        self.engine.dispose()


def stop_flag() -> Callable[[], bool]:
    """Whether this worker was told to stop; seen by all its processes, from the moment the signal came.

    So a worker stops within a moment, whatever it is at, and gives back what it has not finished.  Celery's
    own ways are to finish every task (minutes) or to sleep for a fixed time and then kill them.
    """
    flag = mmap.mmap(-1, 1)  # anonymous and shared: a fork writes and reads the same byte

    def set_flag(**_: Any) -> None:
        flag[0] = 1

    signals.worker_shutting_down.connect(set_flag, weak=False)
    return lambda: flag[0] == 1


def _end_with_parent(parent: int) -> None:
    """A process of the pool whose parent was killed would wait for its next task for ever."""
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)
