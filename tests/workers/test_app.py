from __future__ import annotations

import pytest

from ingest.errors import UsageError
from ingest.settings import Queue, Settings
from workers.app import READ, limits_of, worker_app

BROKER = "redis://nowhere:1/0"


def test_limits_stand_in_the_order_that_keeps_one_dump_with_one_worker() -> None:
    settings = Settings(broker=BROKER)
    limits = limits_of(settings)
    longest = settings.queue.task_seconds + settings.time_limit  # that a task without accidents can take
    assert longest < limits.soft < limits.hard < settings.queue.stale_after
    assert limits.visibility > 2 * limits.hard
    conf = worker_app(settings).conf
    assert (conf.task_soft_time_limit, conf.task_time_limit) == (limits.soft, limits.hard)
    assert conf.broker_transport_options["visibility_timeout"] == limits.visibility
    assert conf.worker_prefetch_multiplier == 1


def test_dumps_that_count_as_stale_while_in_work_are_refused() -> None:
    with pytest.raises(UsageError, match=r"stale_after must exceed 300"):
        worker_app(Settings(broker=BROKER, queue=Queue(stale_after=300)))


def test_only_json_comes_in_and_nothing_goes_back() -> None:
    app = worker_app(Settings(broker=BROKER))
    assert list(app.conf.accept_content) == ["json"]
    assert app.conf.task_serializer == "json"
    assert app.conf.task_ignore_result
    assert type(app.backend).__name__ == "DisabledBackend"


def test_queues_have_names_and_tasks_know_theirs() -> None:
    app = worker_app(Settings(broker=BROKER))
    assert list(app.amqp.queues) == ["clean", "crawl", "deliver", "maintenance"]
    assert READ == ("clean", "maintenance", "deliver")
    routed = {name: app.amqp.router.route({}, name)["queue"].name for name in app.tasks if "ingest" in name}
    assert routed == {
        "ingest.clean": "clean",
        "ingest.crawl": "crawl",
        "ingest.deliver": "deliver",
        "ingest.due": "maintenance",
        "ingest.outbox": "maintenance",
        "ingest.sweep": "maintenance",
    }
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert scheduled <= set(app.tasks)
