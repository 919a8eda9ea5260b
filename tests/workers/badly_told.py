"""A beat that is told to stop at the worst of moments: `python -m tests.workers.badly_told`.

While it sends its first message, a finalizer runs, as one may wherever Python is at work, and what is raised
within is ignored.
"""

from __future__ import annotations

import os
import signal
import sys
import weakref
from typing import Any

from celery import signals

from ingest.settings import Settings
from workers.main import run_beat


class _Thing: ...


def _tell_in_a_finalizer(**_: Any) -> None:
    thing = _Thing()
    weakref.finalize(thing, _tell)
    del thing


def _tell() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    signals.before_task_publish.connect(_tell_in_a_finalizer, weak=False)
    sys.exit(run_beat(Settings()))
