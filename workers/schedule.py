"""What beat sends, and how often."""

from __future__ import annotations

from typing import Any

from ingest.queue.broker import MAINTENANCE, SWEEP_TASK
from ingest.settings import Settings


def schedule_of(settings: Settings) -> dict[str, dict[str, Any]]:
    every = settings.queue.sweep_every
    return {
        "sweep": {
            "task": SWEEP_TASK,
            "schedule": every,
            # A sweep that no worker took in time is worthless: the next one does its work.  Without this,
            # a night without workers would leave a thousand of them on the queue.
            "options": {"queue": MAINTENANCE, "expires": every},
        }
    }
