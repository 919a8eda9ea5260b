"""An API that listens, in a thread of the tests'."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from ingest.api.app import make_app
from ingest.settings import Settings
from tests.workers.service import until


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """-> its address, `settings.api.port` of the loopback."""
    config = uvicorn.Config(make_app(settings), port=settings.api.port, http="h11", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started or not thread.is_alive())
    try:
        yield f"http://127.0.0.1:{settings.api.port}"
    finally:
        server.should_exit = True
        thread.join()
