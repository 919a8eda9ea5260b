"""Starting a worker and beat, and asking whether they are alive."""

from __future__ import annotations

import socket
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from threading import Thread
from typing import Any

from celery import Celery, signals
from celery.beat import Scheduler
from celery.exceptions import CPendingDeprecationWarning

from ingest.settings import Settings
from ingest.stopping import Stopping, told_to_stop
from ingest.store.workers import ALIVE_SECONDS, this_process
from ingest.telemetry import logs
from ingest.telemetry.heart import beating, leave
from ingest.telemetry.serving import shown
from ingest.version import VERSION
from workers.app import READ, worker_app
from workers.logs import take_over
from workers.signs import place, sign

_log = logs.logger(__name__)

_LAST_MESSAGE = 2.0  # seconds that beat, told to stop, waits for the message that it is sending


def run_worker(settings: Settings, queues: Sequence[str] = READ) -> int:
    """Work until told to stop (SIGTERM, Ctrl-C).  -> exit code."""
    # Printed at every reconnection, about settings that we made on purpose.
    warnings.simplefilter("ignore", CPendingDeprecationWarning)
    with shown(settings.metrics, place):  # before the tasks are loaded, and what they count with
        app = worker_app(settings, queues)
        me = this_process("worker", concurrency=settings.workers, version=VERSION)
        logs.configure(settings.log, service=True, worker=me.worker_id)
        take_over(app)
        sign(settings.store_url, me)
        worker = app.Worker(
            hostname=me.worker_id,
            pool="prefork",
            concurrency=settings.workers,
            queues=list(queues),
            loglevel="INFO",
            quiet=True,
            # Workers need not know of each other: what is done by whom, the ledger says.
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=False,  # our signs of life hang on it
        )
        file = _file(settings, "worker")
        signals.heartbeat_sent.connect(_touch(file), weak=False)
        _log.info("starting", version=VERSION, queues=list(queues), concurrency=settings.workers)
        try:
            worker.start()
        finally:
            file.unlink(missing_ok=True)
            leave(settings.store_url, me)
            _log.info("stopped")
        return int(worker.exitcode or 0)


def run_beat(settings: Settings) -> int:
    """Send what is due until told to stop (SIGTERM, Ctrl-C).  -> exit code."""
    app = worker_app(settings)
    me = this_process("beat", concurrency=0, version="")  # it cleans nothing
    logs.configure(settings.log, service=True, worker=me.worker_id)
    take_over(app)
    file = _file(settings, "beat")
    touch = _touch(file)
    touch()
    signals.before_task_publish.connect(touch, weak=False)
    try:
        with told_to_stop() as stopping, beating(settings.store_url, me):
            _log.info("starting", sweep_every=settings.queue.sweep_every)
            _send_what_is_due(app, stopping)
    finally:
        file.unlink(missing_ok=True)
        _log.info("stopped")
    return 0


def _send_what_is_due(app: Celery, stopping: Stopping) -> None:
    """Returns when told to stop; raises what ended the sending before.

    In a thread, as sending hangs on a broker that does not answer.  Celery's own beat leaves that by an exception
    out of the signal's handler, which is lost at times; then it stops not at all.
    """
    ended: Future[None] = Future()

    def send() -> None:
        try:
            # In memory: the schedule is a few lines of configuration, nothing of it is worth a file.
            scheduler = Scheduler(app)
            while not stopping.wait(max(0.0, scheduler.tick())):
                pass
        except Exception as error:  # noqa: BLE001  (raised again where it is waited for)
            ended.set_exception(error)
        else:
            ended.set_result(None)
        finally:
            stopping.set()

    Thread(target=send, name="beat", daemon=True).start()
    stopping.wait()
    if wait([ended], _LAST_MESSAGE).done:
        ended.result()


def is_alive(settings: Settings, what: str) -> bool:
    """Whether this machine's worker or beat gave a sign of life lately."""
    # Beat touches its file when it sends something, which is at each of its sweeps.
    patience = ALIVE_SECONDS + (3 * settings.queue.sweep_every if what == "beat" else 0)
    try:
        return time.time() - _file(settings, what).stat().st_mtime < patience
    except FileNotFoundError:
        return False


def _file(settings: Settings, what: str) -> Path:
    return settings.data / "alive" / f"{what}-{socket.gethostname()}"


def _touch(file: Path) -> Any:
    def touch(**_: Any) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()

    return touch
