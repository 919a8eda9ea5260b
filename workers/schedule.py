"""What beat sends, and how often."""

from __future__ import annotations

from typing import Any

from ingest.queue.broker import DUE_TASK, MAINTENANCE, OUTBOX_TASK, SWEEP_TASK
from ingest.settings import Settings


def schedule_of(settings: Settings) -> dict[str, dict[str, Any]]:
    every, look_every = settings.queue.sweep_every, settings.crawl.look_every
    return {
        "sweep": {
            "task": SWEEP_TASK,
            "schedule": every,
            # A sweep that no worker took in time is worthless: the next one does its work.  Without this,
            # a night without workers would leave a thousand of them on the queue.
            "options": {"queue": MAINTENANCE, "expires": every},
        },
        # Which sources are due is the store's to say, so they come and go without a new schedule.
        "due": {
            "task": DUE_TASK,
            "schedule": look_every,
            "options": {"queue": MAINTENANCE, "expires": look_every},
        },
        "outbox": {
            "task": OUTBOX_TASK,
            "schedule": settings.outbox.every,
            "options": {"queue": MAINTENANCE, "expires": settings.outbox.every},
        },
    }
