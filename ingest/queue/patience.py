"""Waiting for a store that is away for a moment: a restart must not cost the work of a whole task."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from ingest.errors import Unavailable

T = TypeVar("T")

PATIENCE = 30.0  # seconds: a database's restart and recovery take some; task limits are minutes
_PAUSES = 0.1, 0.2, 0.5, 1.0, 2.0  # seconds between tries; the last one from then on

_log = logging.getLogger(__name__)


def patiently(attempt: Callable[[], T], *, stopping: Callable[[], bool] = lambda: False) -> T:
    """What `attempt` returns, tried again while it raises Unavailable, which is raised after `PATIENCE` seconds.

    It must be harmless to do twice: a transaction whose answer was lost may have been committed.
    """
    until, tries = time.monotonic() + PATIENCE, 0
    while True:
        try:
            return attempt()
        except Unavailable as error:
            if time.monotonic() > until or stopping():
                raise
            if not tries:
                _log.warning("%s: trying again for %g seconds", error, PATIENCE)
            time.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
            tries += 1
