"""Being told to stop by a signal, and ending where it does no harm."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType


class Stopping:
    """A flag that may be set in a signal's handler.

    Not threading.Event: its lock may be held by the very code that the signal interrupts, and then both wait
    for ever.  A SimpleQueue may be put into at any moment.
    """

    def __init__(self) -> None:
        self._told = False
        self._woken: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        self._told = True
        self._woken.put(None)

    def is_set(self) -> bool:
        return self._told

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it is set, or for so long.  -> whether it is set."""
        if not self._told:
            with suppress(Empty):
                self._woken.get(timeout=seconds)
                self._woken.put(None)  # for others that wait
        return self._told


@contextmanager
def told_to_stop() -> Iterator[Stopping]:
    """What SIGTERM and Ctrl-C set within the block; the second of them does what it did before the block.

    Nothing is raised: an exception out of a signal's handler is lost wherever what it interrupts ignores
    exceptions, as callbacks of the import system and of the garbage collector do.
    """
    stopping, numbers = Stopping(), (signal.SIGTERM, signal.SIGINT)

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()
        restore()

    before = {number: signal.signal(number, stop) for number in numbers}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    try:
        yield stopping
    finally:
        restore()
