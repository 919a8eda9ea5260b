"""Noticing a broker that was away while every process had work.

kombu's Redis transport listens to the broker only while it may take more messages.  When all that a worker may
hold is in work, and the broker goes and comes back just then, nothing tells the worker; the acknowledgements of
that work fail, are logged, and their places stay taken for ever: the worker waits, looking healthy, and takes no
message again.  Seen with celery 5.7.0, kombu 5.7.0; `test_a_broker_that_was_away` is the proof.
"""

from __future__ import annotations

from typing import Any

from celery import bootsteps
from celery.worker import state

_LOOK = 1.0  # seconds


class LostAcks(bootsteps.StartStopStep):  # type: ignore[misc]  # celery has no types
    """Looks for places that are taken by no request, and reconnects where there are some.

    Messages whose acknowledgement was lost come again after that, and their task finds nothing to do.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self._timer: Any = None
        self._suspects: set[str] = set()

    def start(self, parent: Any) -> None:
        self._suspects = set()
        self._timer = parent.timer.call_repeatedly(_LOOK, self._look, (parent,))

    def stop(self, parent: Any) -> None:
        if self._timer is not None:
            parent.timer.cancel(self._timer)

    def _look(self, consumer: Any) -> None:
        qos = consumer.task_consumer.channel.qos
        taken = set(qos._delivered) - qos._dirty
        lost = taken - {request.message.delivery_tag for request in state.reserved_requests}
        if lost & self._suspects:  # twice: an acknowledgement may be on its way
            raise ConnectionResetError("acknowledgements were lost: the broker was away")
        self._suspects = lost
