"""The way to the broker: what messages look like, and sending them.

A message names dumps and nothing else.  Payloads, states and results are the store's, so a broker that
loses everything loses no dump: the sweeper finds in the ledger what is to be sent again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from celery import Celery
from kombu.exceptions import KombuError
from redis.exceptions import RedisError
from sqlalchemy import Engine

from ingest import running
from ingest.errors import Unavailable, UsageError
from ingest.redaction import redacted
from ingest.settings import Settings
from ingest.store import claims
from ingest.store.transactions import writing
from ingest.store.values import now
from ingest.telemetry.logs import logger

QUEUES = CLEAN, CRAWL, DELIVER, MAINTENANCE = "clean", "crawl", "deliver", "maintenance"
CLEAN_TASK, SWEEP_TASK = "ingest.clean", "ingest.sweep"
CRAWL_TASK, DUE_TASK = "ingest.crawl", "ingest.due"
DELIVER_TASK, OUTBOX_TASK = "ingest.deliver", "ingest.outbox"

_LOST = (KombuError, RedisError, OSError)  # every way in which a broker can be missing

_log = logger(__name__)

Send = Callable[[Sequence[str]], None]


def make_app(settings: Settings) -> Celery:
    """A Celery application that can send; `workers.app` makes of it one that can work.

    Raises UsageError where no broker is set, or something that is none.
    """
    app = Celery("ingest", broker=broker_url(settings), set_as_current=False)
    app.conf.update(
        # JSON alone: whoever can write to the broker must not be able to run code here, as pickle would.
        accept_content=["json"],
        task_serializer="json",
        # Results live in the store.  A backend would keep a second truth, and cost a write a task.
        result_backend=None,
        task_ignore_result=True,
        task_queues={name: {"exchange": name, "routing_key": name} for name in QUEUES},
        task_routes={
            CLEAN_TASK: {"queue": CLEAN},
            CRAWL_TASK: {"queue": CRAWL},
            SWEEP_TASK: {"queue": MAINTENANCE},
            DUE_TASK: {"queue": MAINTENANCE},
            DELIVER_TASK: {"queue": DELIVER},
            OUTBOX_TASK: {"queue": MAINTENANCE},
        },
        task_default_queue=MAINTENANCE,
        task_create_missing_queues=False,  # a misspelt name is an error, not a queue that nobody reads
        # A pusher must hear soon that the broker is away: its dumps are safe, and are sent later.
        task_publish_retry_policy={"max_retries": 2, "interval_start": 0.1, "interval_step": 0.2},
        broker_connection_timeout=4.0,
    )
    return app


def broker_url(settings: Settings) -> str:
    """The broker that is set, or else that of the `ingest up` that runs on the data folder."""
    if not settings.broker:
        if found := running.broker_of(settings):
            return found
        raise UsageError(
            "no broker is set: give --broker redis://HOST:PORT/0, set INGEST_BROKER or start `ingest up` "
            "(ingest run does the same work without one)"
        )
    if not _is_broker(settings.broker):
        raise UsageError(
            f"{redacted(settings.broker)!r} is not a broker's URL: write redis://HOST:PORT/0 "
            "(in a password, %2F for /, %3A for :, %40 for @)"
        )
    return settings.broker


def _is_broker(url: str) -> bool:
    """Looked at before the libraries do, whose errors would quote what is wrong with it, password and all."""
    if url.startswith("redis+socket://"):
        return True
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    is_number = not parts.path.strip("/") or parts.path.strip("/").isdecimal()
    return parts.scheme in ("redis", "rediss") and port != 0 and is_number


class Broker:
    """Sends messages.  A context manager that closes its connections."""

    def __init__(self, app: Any) -> None:
        self._app = app

    @property
    def url(self) -> str:
        """With its password."""
        return str(self._app.conf.broker_url)

    def check(self) -> None:
        """Raises Unavailable where the broker does not answer."""
        with self.client() as client:
            client.ping()

    def send_clean(self, dump_ids: Sequence[str]) -> None:
        """Ask for these dumps to be cleaned: one message.  Raises Unavailable."""
        named = {"dump_ids": list(dump_ids)}
        self._send(CLEAN_TASK, kwargs=named, queue=CLEAN, headers={"sent_at": now()})

    def send_crawl(self, source: str, slot: str) -> None:
        """Ask for this source to be crawled for this slot.  Raises Unavailable."""
        self._send(CRAWL_TASK, kwargs={"source": source, "slot": slot}, queue=CRAWL)

    def send_deliver(self, webhook_id: str, expires: float) -> None:
        """Ask for what is new to be told to this webhook, within so many seconds.  Raises Unavailable."""
        self._send(DELIVER_TASK, kwargs={"webhook_id": webhook_id}, queue=DELIVER, expires=expires)

    def oldest(self) -> str | None:
        """When the next message to be cleaned was sent; None where no message waits.

        Messages are read in the order of their sending: what was sent before this one is on the queue no
        more.  "" where that message does not say.
        """
        with self.client() as client:
            raw = client.lindex(CLEAN, -1)
        return None if raw is None else str(json.loads(raw).get("headers", {}).get("sent_at", ""))

    def lengths(self) -> dict[str, int]:
        """Messages that wait on each queue.  Raises Unavailable."""
        with self.client() as client:
            return {name: int(client.llen(name)) for name in QUEUES}

    def close(self) -> None:
        self._app.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def client(self) -> Iterator[Any]:
        """Of redis-py.  Its errors come out as Unavailable."""
        with self._named_errors(), self._app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0.1, timeout=4)
            yield connection.default_channel.client

    def _send(self, task: str, **options: Any) -> None:
        with self._named_errors():
            try:
                self._app.send_task(task, **options)
            except AttributeError as error:
                # A broker that dies in the midst of a message: kombu's retry finds its channel without a connection.
                if error.obj is not None:
                    raise
                raise ConnectionResetError("it went away while a message was sent") from error

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except _LOST as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> Unavailable:
        shown = redacted(self._app.conf.broker_url)
        return Unavailable(f"the broker {shown} cannot be used now: {error}")


def dispatch(engine: Engine, send: Send, groups: Iterable[Sequence[str]]) -> int:
    """Send a message for each group of dumps that wait, then note that they are queued.  -> dumps sent.

    In this order: a message without a note is found in order by the worker that gets it, a note without a
    message would be found by the sweeper alone.
    """
    sent: list[str] = []
    try:
        for group in groups:
            send(group)
            sent += group
    finally:
        if sent:
            with writing(engine) as connection:
                claims.mark_queued(connection, sent)
            for dump_id in sent:
                _log.debug("dump queued", dump_id=dump_id)
    return len(sent)
