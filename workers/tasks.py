"""The tasks: ids in, a call, nothing out."""

from __future__ import annotations

from typing import Any

from celery import Celery

from ingest.queue.broker import CLEAN_TASK, SWEEP_TASK, Broker
from ingest.queue.sweep import sweep
from ingest.queue.work import Task
from ingest.run.learning import learn
from ingest.settings import Settings
from ingest.telemetry.counts import TASK
from workers.process import Desk, stop_flag


def register(app: Celery, settings: Settings, *, cleans: bool) -> None:
    """Add our tasks to the application; `cleans`: whether its worker is to have cleaning processes ready."""
    broker = Broker(app)
    desk = Desk(settings, stop_flag())

    def clean_task(self: Any, dump_ids: list[str]) -> None:
        task = Task(
            desk.engine, desk.bench, broker.send_clean, settings, holder=self.request.id, version=desk.version
        )
        with TASK.labels("clean").time():
            task.run(dump_ids)
        desk.bench.rest()

    def sweep_task() -> None:
        with TASK.labels("sweep").time():
            sweep(desk.engine, broker.send_clean, broker.oldest, settings)
            learn(desk.engine, settings)

    # max_retries: how often the message is sent again when its process dies; then the sweeper has it.
    # No delay: a delayed message is held by a worker, and lost with it.
    app.task(
        clean_task,
        shared=False,
        name=CLEAN_TASK,
        bind=True,
        max_retries=settings.attempts,
        default_retry_delay=0,
    )
    # A sweep is begun again by the next one, not by its message.
    app.task(sweep_task, shared=False, name=SWEEP_TASK, acks_late=False, retry_on_worker_lost=False)
    desk.open_when_forked(cleans=cleans)
