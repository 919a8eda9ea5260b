"""The cleaner of tests/cleaners.py, with more ways to fail: dumps that take the worker's process along.

Some do not fail: `!slow` takes a moment, `!gate PATH` as long as that file is not there.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from ingest.model import Cleaned
from tests import cleaners


def clean(payload: bytes, **_: Any) -> Cleaned:
    text = payload.decode()
    if "!worker\n" in text:
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(30)  # its own end comes with its parent's
    if "!stuck\n" in text:
        os.kill(os.getppid(), signal.SIGSTOP)  # as one that waits for a disk that is gone
        time.sleep(30)
    if "!memory\n" in text:
        hoard = bytearray(400_000_000)
        time.sleep(30)
        del hoard
    if "!slow\n" in text:
        time.sleep(0.05)
    if "!gate " in text:
        gate = Path(text.partition("!gate ")[2].partition("\n")[0])
        while not gate.exists():
            time.sleep(0.02)
    return cleaners.clean(payload)
