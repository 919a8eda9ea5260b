"""The Celery application of the workers and of beat.  Each setting with its reason.

Whatever Celery or the broker loses, the ledger knows; so every choice here is the one that gives work back
soonest, never the one that keeps a message at all costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from celery import Celery

from ingest import running
from ingest.errors import UsageError
from ingest.queue.broker import CLEAN, DELIVER, MAINTENANCE, QUEUES, make_app
from ingest.settings import Settings

READ = (CLEAN, MAINTENANCE, DELIVER)  # the queues that a worker reads unless told: what fetches is kept apart


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that a task may take, by the settings."""

    soft: float  # Celery raises an exception in the task
    hard: float  # Celery kills the task's process
    visibility: float  # the broker gives the message to another worker


def limits_of(settings: Settings) -> Limits:
    """Raises UsageError where dumps would count as stale while a task still has them.

    A task begins no dump after `task_seconds`, and one dump takes at most `time_limit`; as much again is
    for storing the results.  So the limits here meet only tasks that hang outside of cleaning.
    """
    soft = settings.queue.task_seconds + 2 * settings.time_limit
    hard = 1.25 * soft
    if settings.queue.stale_after <= hard:
        raise UsageError(
            f"queue.stale_after must exceed {hard:g}, the seconds after which a task is killed "
            "(1.25 x (queue.task_seconds + 2 x time_limit)): a dump in work is not stale"
        )
    # The broker's clock starts when the message is read, not when its task begins: twice the time, for where it
    # waits for a process.  Were it given away earlier, two workers would do it, and then three.
    return Limits(soft, hard, visibility=2 * hard + 60)


def queues_named(names: str) -> tuple[str, ...]:
    """The queues of "clean,maintenance".  Raises UsageError for one that is none."""
    queues = tuple(dict.fromkeys(name.strip() for name in names.split(",")))
    for name in queues:
        if name not in QUEUES:
            raise UsageError(f"{name!r} is not a queue: the queues are {', '.join(QUEUES)}")
    return queues


def worker_app(settings: Settings, queues: Sequence[str] = READ) -> Celery:
    """The application, with its tasks and its schedule, for a worker that reads these queues.

    Raises UsageError for settings that cannot work.
    """
    from workers.acks import LostAcks
    from workers.schedule import schedule_of
    from workers.tasks import register

    if not settings.broker and running.broker_of(settings):
        # Its broker has one reader: what a worker of its own leaves behind when it dies must be nobody else's.
        raise UsageError(
            "`ingest up` runs on this data folder, with workers of its own: it takes --workers N"
        )
    limits = limits_of(settings)
    app = make_app(settings)
    app.conf.update(
        # The message stays the broker's until the task has ended: a worker that dies loses none.
        task_acks_late=True,
        # ... and is done with also where the task failed: it has let go of its dumps, and the ledger sends them again.
        task_acks_on_failure=True,
        # A task that was killed at the hard limit could not let go.  Its message goes back, and finds the dumps that
        # were claimed in its name.  It does not come back for ever: the claim is counted, so each dump goes on alone,
        # and one that has hung `attempts` times is dead.
        task_acks_on_timeout=False,
        # A process that died under a task (killed, out of memory): its message is sent again at once, as often
        # as `max_retries` of the task says.  Not reject_on_worker_lost: that has no such limit.
        task_retry_on_worker_lost=True,
        task_reject_on_worker_lost=False,
        worker_lost_wait=2.0,  # how long a result is awaited of a process that died; ours leave none behind
        # A process has the message that it works at and no other: more would wait here while others are idle.
        worker_prefetch_multiplier=1,
        task_soft_time_limit=limits.soft,
        task_time_limit=limits.hard,
        broker_transport_options={"visibility_timeout": limits.visibility},
        # What libraries leak ends with the process; the process that cleans ends with this one.
        worker_max_tasks_per_child=settings.queue.process_tasks,
        worker_max_memory_per_child=settings.queue.memory_bytes // 1024,  # KiB
        # Forked processes share the memory of what is imported, and the flag that tells them to stop.
        worker_pool_start_method="fork",
        # A worker that is started before its broker waits for it, and one that lost it comes back.
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # Tasks of a lost connection are finished: their results do not depend on it.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_prefetch_count_reduction=False,  # ... and do not slow down what comes next
        # Nobody listens to events; without remote control a worker takes no orders from the broker.
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        beat_schedule=schedule_of(settings),
        beat_max_loop_interval=min(
            5.0, settings.queue.sweep_every, settings.crawl.look_every, settings.outbox.every
        ),
        timezone="UTC",
    )
    app.steps["consumer"].add(LostAcks)
    register(app, settings, cleans=CLEAN in queues)
    return app
