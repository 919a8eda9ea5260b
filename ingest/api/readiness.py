"""Whether what the service needs answers, asked so that nobody waits long."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from ingest.errors import Unavailable
from ingest.queue.broker import Broker
from ingest.store.schema import REVISION
from ingest.store.transactions import reading

_PATIENCE = 2.0  # seconds for each answer

_log = logging.getLogger(__name__)


class Question:
    """Asked in a thread of its own: should that hang, nobody hangs with it, and it is not asked again meanwhile."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._thread: threading.Thread | None = None
        self._is_well = False

    def is_well(self) -> bool:
        """For one caller at a time."""
        if self._thread is None:
            self._is_well = False
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        self._thread.join(_PATIENCE)
        if self._thread.is_alive():
            return False
        self._thread = None
        return self._is_well

    def _run(self) -> None:
        try:
            self._ask()
        except (Unavailable, SQLAlchemyError) as error:
            _log.warning("not ready: %s", error)
        else:
            self._is_well = True


class Readiness:
    """Whether each of the things that the service needs is well, by their names."""

    def __init__(self, engine: Engine, broker: Broker) -> None:
        self._questions = {
            "store": Question(lambda: _ask_store(engine)),
            "broker": Question(broker.check),
        }

    def __call__(self) -> dict[str, bool]:
        return {name: question.is_well() for name, question in self._questions.items()}


def _ask_store(engine: Engine) -> None:
    with reading(engine) as connection:
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if revision != REVISION:
        raise Unavailable(f"the store's schema is {revision}, and ours is {REVISION}")
