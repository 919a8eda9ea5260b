"""The tasks: ids in, a call, nothing out."""

from __future__ import annotations

from typing import Any

from celery import Celery

from ingest.crawl.due import send_due
from ingest.crawl.process import crawl_in_process
from ingest.outbox.turn import tell
from ingest.outbox.webhooks import deliver
from ingest.queue.broker import (
    CLEAN_TASK,
    CRAWL_TASK,
    DELIVER_TASK,
    DUE_TASK,
    OUTBOX_TASK,
    SWEEP_TASK,
    Broker,
)
from ingest.queue.sweep import sweep
from ingest.queue.work import Task
from ingest.run.learning import learn
from ingest.settings import Settings
from ingest.telemetry.counts import TASK
from ingest.version import VERSION
from workers.process import Desk, stop_flag

CRAWL_SECONDS = 300.0  # beyond the limit of a crawl: until then it has ended, or was ended


def register(app: Celery, settings: Settings, *, cleans: bool) -> None:
    """Add our tasks to the application; `cleans`: whether its worker is to have cleaning processes ready."""
    broker = Broker(app)
    stopping = stop_flag()
    desk = Desk(settings, stopping)

    def clean_task(self: Any, dump_ids: list[str]) -> None:
        task = Task(
            desk.engine, desk.bench, broker.send_clean, settings, holder=self.request.id, version=VERSION
        )
        with TASK.labels("clean").time():
            task.run(dump_ids)
        desk.bench.rest()

    def sweep_task() -> None:
        with TASK.labels("sweep").time():
            sweep(desk.engine, broker.send_clean, broker.oldest, settings)
            learn(desk.engine, settings)

    def due_task() -> None:
        with TASK.labels("due").time():
            send_due(desk.engine, broker.send_crawl, broker.lengths, settings)

    def outbox_task() -> None:
        with TASK.labels("outbox").time():
            tell(desk.engine, broker, settings.outbox)

    def deliver_task(webhook_id: str) -> None:
        with TASK.labels("deliver").time():
            deliver(desk.engine, webhook_id, settings.outbox)

    def crawl_task(source: str, slot: str) -> None:
        with TASK.labels("crawl").time():
            crawl_in_process(source, slot, settings, stopping)

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
    app.task(due_task, shared=False, name=DUE_TASK, acks_late=False, retry_on_worker_lost=False)
    app.task(outbox_task, shared=False, name=OUTBOX_TASK, acks_late=False, retry_on_worker_lost=False)
    app.task(deliver_task, shared=False, name=DELIVER_TASK, acks_late=False, retry_on_worker_lost=False)
    # A crawl takes longer than the broker keeps a message; one that is lost is found by its row, and sent again.
    app.task(
        crawl_task,
        shared=False,
        name=CRAWL_TASK,
        acks_late=False,
        retry_on_worker_lost=False,
        soft_time_limit=settings.crawl.run_seconds + CRAWL_SECONDS,
        time_limit=settings.crawl.run_seconds + 2 * CRAWL_SECONDS,
    )
    desk.open_when_forked(cleans=cleans)
