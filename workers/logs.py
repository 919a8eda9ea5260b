"""Celery's voice: all of it goes through our log, none of it straight to a stream."""

from __future__ import annotations

import logging
import os
import threading
from typing import Any

import structlog
from celery import Celery, signals

from ingest.telemetry.logs import logger

_log = logger(__name__)


def take_over(app: Celery) -> None:
    """For a worker or beat, whose log is configured already; also for the processes that it forks."""
    app.conf.worker_hijack_root_logger = False
    signals.setup_logging.connect(_is_done, weak=False)  # a receiver: Celery leaves logging alone
    signals.task_prerun.connect(_bind, weak=False)
    signals.task_postrun.connect(_unbind, weak=False)
    signals.worker_shutting_down.connect(_stopping, weak=False)
    # What anybody prints is an event as well: a line from between is no JSON.
    app.log.redirect_stdouts_to_logger(logging.getLogger("printed"), logging.WARNING)
    # Past all that, Celery announces on file descriptor 1 that it stops.
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)


def _is_done(**_: Any) -> None: ...


def _bind(task_id: str, task: Any, **_: Any) -> None:
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id)


def _unbind(**_: Any) -> None:
    structlog.contextvars.unbind_contextvars("task", "task_id")


def _stopping(sig: str, **_: Any) -> None:
    # From a thread: this is a signal's handler, and what it interrupted may be writing to the log.
    threading.Thread(target=_log.info, args=("stopping",), kwargs={"signal": sig}).start()
