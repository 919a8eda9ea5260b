"""How long tests wait: for what must come at some time, and for work that must not grow without bound.

Both are far above what any machine takes, and cost nothing where all is well.  How fast things are is for benchmarks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 120.0  # seconds for anything that a service is to do
BOUND = 20.0  # seconds of processor time; what grows with the square of its input takes many minutes


@contextmanager
def bounded_work(seconds: float = BOUND) -> Iterator[None]:
    """What is done in here takes bounded time, on a machine that is slow or busy too."""
    began = time.process_time()
    yield
    assert time.process_time() - began < seconds
