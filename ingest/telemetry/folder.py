"""The folder in which the processes of one worker count, each in a file of its own."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "ingest-metrics-"


@contextmanager
def counting_folder() -> Iterator[Path]:
    """A private temporary folder, gone afterwards; those that killed workers left are removed first.

    It is locked for as long as its worker lives, however that ends.
    """
    _clear_away()
    folder, lock = _fresh()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _fresh() -> tuple[Path, int]:
    """-> a folder, and the descriptor that holds its lock."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)  # another worker that starts now took it for one that is left


def _clear_away() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # it is another user's, or is gone
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # else its worker lives
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)
