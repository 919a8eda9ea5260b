"""The beat that keeps a sign of life fresh."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ingest.errors import Unavailable
from ingest.store import workers
from ingest.store.opening import open_engine
from ingest.store.transactions import writing
from ingest.store.workers import Worker
from ingest.telemetry.logs import logger

SECONDS = 5.0  # between two signs

_log = logger(__name__)
_LOST = (Unavailable, SQLAlchemyError)


class Heart:
    """Renews a process's row in a thread of its own, with a connection of its own.

    A store that is away disturbs nobody but this thread, which goes on trying.  `is_well` is asked before each
    sign, and none is given where it says no.
    """

    def __init__(
        self,
        store_url: str,
        worker: Worker,
        is_well: Callable[[], bool] = lambda: True,
        *,
        seconds: float = SECONDS,
    ) -> None:
        self._store_url, self._worker, self._is_well, self._seconds = store_url, worker, is_well, seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heart", daemon=True)
        self._engine: Engine | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """No further sign is given; the last one stays."""
        self._stopping.set()
        self._thread.join(self._seconds)  # it may hang on a store that is away
        if self._engine is not None:
            self._engine.dispose()

    def _beat(self) -> None:
        away = False
        while not self._stopping.is_set():
            try:
                if self._is_well():
                    self._sign()
            except _LOST as error:
                if not away:
                    _log.warning("no sign of life can be given", error=str(error))
                away = True
            else:
                away = False
            self._stopping.wait(self._seconds)

    def _sign(self) -> None:
        if self._engine is None:
            self._engine = open_engine(self._store_url)
        with writing(self._engine) as connection:
            workers.renew(connection, self._worker)


@contextmanager
def beating(store_url: str, worker: Worker) -> Iterator[None]:
    """A sign of life for the length of a block.  Nothing in the block may fork: see `workers.signs`."""
    heart = Heart(store_url, worker)
    heart.start()
    try:
        yield
    finally:
        heart.stop()
        leave(store_url, worker)


def leave(store_url: str, worker: Worker) -> None:
    """The process ends as it should: its sign of life goes, if the store is there and answers soon."""

    def remove() -> None:
        with suppress(*_LOST):
            engine = open_engine(store_url)
            with writing(engine) as connection:
                workers.remove(connection, worker.worker_id)
            engine.dispose()

    thread = threading.Thread(target=remove, name="leave", daemon=True)
    thread.start()
    thread.join(SECONDS)
