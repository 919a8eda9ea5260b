"""What all tests share: where the cases are, and a bounded Hypothesis profile."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import postgres, postgres_url

__all__ = ["ROOT", "postgres", "postgres_url", "seeds"]

# The first example pays for loading models; a deadline would only make slow machines red.
settings.register_profile("ingest", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ingest")

# A shell that runs the tests behind its back (`pytest &`) has them ignore Ctrl-C, and so all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
# `nohup pytest` too; but what they start is to hear of a hang-up, which a handler, unlike "ignored", does not hand down.
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)

ROOT = Path(__file__).resolve().parent.parent


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores: many tests wait for processes that they started."""
    return (os.cpu_count() or 1) + 1


# What takes longest comes first, so that the processes that share the tests end together.
SLOW = ("faults", "up", "workers", "deploy", "crawl", "browser", "consumers")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> int:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        return SLOW.index(folder) if folder in SLOW else len(SLOW)

    items.sort(key=turn)


@pytest.fixture(scope="session")
def seeds() -> list[Path]:
    return sorted((ROOT / "seeds").glob("*.txt"))
