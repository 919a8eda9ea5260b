"""One look at what is new, for all who are told."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Engine

from ingest.outbox import webhooks
from ingest.outbox.stream import Streams, publish
from ingest.settings import Outbox

_TURNS = 5  # looks after which a message to deliver that nobody took is worthless: a later one does its work


class Messages(Streams, Protocol):
    """`ingest.queue.broker.Broker` is one."""

    def send_deliver(self, webhook_id: str, expires: float) -> None:
        """Raises Unavailable."""


def tell(engine: Engine, broker: Messages, settings: Outbox) -> None:
    """Publish on the stream, and have the webhooks told that have something to hear.  Raises Unavailable."""
    if settings.stream:
        publish(engine, broker, settings)
    for webhook_id in webhooks.due(engine):
        broker.send_deliver(webhook_id, _TURNS * settings.every)
