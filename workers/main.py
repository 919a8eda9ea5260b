"""Starting a worker and beat, and asking whether they are alive."""

from __future__ import annotations

import socket
import time
import warnings
from pathlib import Path
from typing import Any

from celery import signals
from celery.exceptions import CPendingDeprecationWarning

from ingest.settings import Settings
from workers.app import READ, worker_app

_ALIVE_SECONDS = (
    60.0  # a sign of life older than this is none; beat gives one at each of its sweeps, at least
)


def run_worker(settings: Settings) -> int:
    """Work until told to stop (SIGTERM, Ctrl-C).  -> exit code."""
    # Printed at every reconnection, about settings that we made on purpose.
    warnings.simplefilter("ignore", CPendingDeprecationWarning)
    app = worker_app(settings)
    worker = app.Worker(
        hostname=f"ingest@{socket.gethostname()}",
        pool="prefork",
        concurrency=settings.workers,
        queues=list(READ),
        loglevel="INFO",
        # Workers need not know of each other: what is done by whom, the ledger says.
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=False,  # our sign of life hangs on it
    )
    file = _file(settings, "worker")
    signals.heartbeat_sent.connect(_sign(file), weak=False)
    try:
        worker.start()
    finally:
        file.unlink(missing_ok=True)
    return int(worker.exitcode or 0)


def run_beat(settings: Settings) -> int:
    """Send what is due until told to stop.  -> exit code."""
    app = worker_app(settings)
    file = _file(settings, "beat")
    sign = _sign(file)
    sign()
    signals.before_task_publish.connect(sign, weak=False)
    try:
        app.Beat(loglevel="INFO", quiet=True).run()
    finally:
        file.unlink(missing_ok=True)
    return 0


def is_alive(settings: Settings, what: str) -> bool:
    """Whether this machine's worker or beat gave a sign of life lately."""
    patience = _ALIVE_SECONDS + (3 * settings.queue.sweep_every if what == "beat" else 0)
    try:
        return time.time() - _file(settings, what).stat().st_mtime < patience
    except FileNotFoundError:
        return False


def _file(settings: Settings, what: str) -> Path:
    return settings.data / "alive" / f"{what}-{socket.gethostname()}"


def _sign(file: Path) -> Any:
    def sign(**_: Any) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()

    return sign
