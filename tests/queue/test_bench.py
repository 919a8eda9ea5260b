"""The process that cleans for a worker process."""

from __future__ import annotations

from multiprocessing import active_children

import pytest

from ingest.queue.bench import Bench
from ingest.settings import Settings


@pytest.mark.parametrize("stopping", [False, True])
def test_between_two_tasks_a_process_is_ready_unless_none_will_come(stopping: bool) -> None:
    before = set(active_children())
    bench = Bench(Settings(), lambda: stopping)
    bench.rest()
    try:
        assert bool(set(active_children()) - before) is not stopping
    finally:
        bench.close()
    assert not set(active_children()) - before
