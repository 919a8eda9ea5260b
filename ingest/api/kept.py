"""What costs something to find out, found out once for all who ask within a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """What a call gave, for so many seconds.  One caller at a time asks; the others wait for what it gets.

    An error is kept for nobody.
    """

    def __init__(self, ask: Callable[[], T], seconds: float) -> None:
        self._ask, self._seconds = ask, seconds
        self._lock = threading.Lock()
        self._until = 0.0

    def __call__(self) -> T:
        with self._lock:
            if time.monotonic() >= self._until:
                self._value = self._ask()
                self._until = time.monotonic() + self._seconds
            return self._value
