"""A crawl in a process of its own: Scrapy's reactor runs once, and what it leaks ends with it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ingest.settings import Settings
from ingest.telemetry.logs import logger

_LOOK = 0.2  # seconds
_STOPS = 20.0  # seconds that a crawl has to end, once it is told to
_GRACE = 60.0  # seconds beyond its own limit after which it hangs
_ENDED = (
    0,
    1,
    130,
)  # with its end in the store; else (no store, killed) it is sent again, if it was not failed

_log = logger(__name__)


def crawl_in_process(source: str, slot: str, settings: Settings, stopping: Callable[[], bool]) -> int:
    """Crawl a source for a slot, until it is done or we are `stopping`.  -> exit code of `ingest crawl`.

    Told to stop, it ends after the requests that are under way; the next crawl goes on.
    """
    env = {**os.environ, "INGEST_DATA": str(settings.data), "INGEST_STORE": settings.store_url}
    if settings.broker:
        env["INGEST_BROKER"] = settings.broker  # not as a flag, which everybody on the machine could read
    # `-m` looks into the working folder first, where anything may lie: that is meant only in a checkout.
    apart = () if Path(__file__).parents[2] == Path.cwd() else ("-P",)
    command = [sys.executable, *apart, "-m", "ingest", "crawl", source, "--slot", slot]
    process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603
    hangs_at = time.monotonic() + settings.crawl.run_seconds + settings.crawl.response_seconds + _GRACE
    try:
        while process.poll() is None:
            time.sleep(_LOOK)
            if stopping() or time.monotonic() > hangs_at:
                process.terminate()
                process.wait(_STOPS)
    except subprocess.TimeoutExpired:
        _log.warning("crawl killed: it did not stop", source=source, slot=slot)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode not in _ENDED:
        _log.warning("crawl lost", source=source, slot=slot, exit_code=process.returncode)
    return process.returncode
