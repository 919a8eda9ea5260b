"""The small form of `tests.consumers.killed`: its writers are threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.consumers.killed import WRITERS, killed


def test_a_consumer_that_is_killed_ends_with_what_the_store_has(store_url: str, tmp_path: Path) -> None:
    report = killed(
        store_url,
        tmp_path,
        documents=80,
        kills=3,
        seed=7,
        pause=1.0,
        pool=lambda: ThreadPoolExecutor(WRITERS),
    )
    assert report.different == ()
    assert report.kills >= 3
    assert report.revised > 0
    assert report.retracted > 0
