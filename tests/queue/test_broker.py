"""Sending, while the broker comes and goes."""

from __future__ import annotations

import threading
from contextlib import closing

from ingest.errors import Unavailable
from ingest.queue.broker import CLEAN, Broker, make_app
from ingest.settings import Settings
from tests.patience import PATIENCE
from tests.workers.service import Server, broker

__all__ = ["broker"]

KILLS = 12


def test_a_broker_that_dies_at_any_moment_is_unavailable_and_nothing_else(broker: Server) -> None:
    stop, surprises, sent = threading.Event(), list[Exception](), list[int]()

    def send() -> None:
        while not stop.is_set():
            try:
                sender.send_clean(["0" * 64])
                sent.append(1)
            except Unavailable:
                pass
            except Exception as error:  # noqa: BLE001  (what must not come)
                surprises.append(error)

    with closing(Broker(make_app(Settings(broker=broker.url)))) as sender:
        threads = [threading.Thread(target=send) for _ in range(4)]  # as the crawler sends
        for thread in threads:
            thread.start()
        for n in range(KILLS):
            stop.wait(0.03 * n)
            broker.kill()
            broker.start()
        stop.set()
        for thread in threads:
            thread.join(PATIENCE)
        before = sender.lengths()[CLEAN]
        sender.send_clean(["1" * 64])
        assert sender.lengths()[CLEAN] == before + 1
    assert surprises == []
    assert sent
