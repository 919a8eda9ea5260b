"""One `ingest up` for each data folder."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import Unavailable, UsageError

# Seconds.  The processes of one that was killed hold the lock for a moment longer.
_PATIENCE = 0.5
_PATIENCE_WITH_THE_DEAD = 5.0


@contextmanager
def only_one(folder: Path) -> Iterator[int]:
    """Hold this folder, made private, for the length of a block.  -> the lock's descriptor, to be inherited.

    All children hold the lock too, for it belongs to the open file and not to a process: so who gets it knows that
    no process of an earlier service lives, and it is free as soon as the last one is gone, however they ended.
    Raises UsageError naming the process that has it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Unavailable(f"cannot use the data folder {folder.parent}: {error}") from error
    try:
        _take(lock, folder)
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield lock
    finally:
        os.close(lock)


def _take(lock: int, folder: Path) -> None:
    began = time.monotonic()
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode() or "unknown"
            alive = _is_alive(holder)
            if time.monotonic() - began < (_PATIENCE if alive else _PATIENCE_WITH_THE_DEAD):
                time.sleep(0.05)
                continue
            if alive:
                raise UsageError(
                    f"`ingest up` runs on the data folder {folder.parent} already, as process {holder}"
                ) from None
            raise Unavailable(
                f"the `ingest up` that had the data folder {folder.parent} (process {holder}) is gone, "
                f"and something that it started is not: see who has {folder / 'lock'} open"
            ) from None
        else:
            return


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
