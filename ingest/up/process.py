"""One child at the end of its tether."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from ingest.errors import Unavailable
from ingest.up.log import Lines

_TETHER = Path(__file__).with_name("tether.py")
_PIECE = 65_536  # bytes read at once


class Process:
    """A running child; started in an event loop, which hears of its lines and its end."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], lock: int, say: Callable[[str], None]
    ) -> None:
        """`lock`: a descriptor that the child inherits.  `say` gets what it writes.  Raises Unavailable."""
        self._say, self._lines = say, Lines()
        leash, self._leash = os.pipe()
        try:
            self._tether = subprocess.Popen(  # noqa: S603  (the supervisor's own commands)
                [sys.executable, "-I", "-S", str(_TETHER), *command],
                env=env,
                stdin=leash,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                pass_fds=(lock,),
            )
        except OSError as error:
            os.close(self._leash)
            raise Unavailable(f"cannot start a process: {error}") from error
        finally:
            os.close(leash)
        assert self._tether.stdout  # noqa: S101  (asked for above)
        assert self._tether.stderr  # noqa: S101
        self._end, self._log = self._tether.stdout, self._tether.stderr
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[int] = self._loop.create_future()  # the exit code
        os.set_blocking(self._log.fileno(), False)
        self._loop.add_reader(self._log, self._hear)
        self._loop.add_reader(self._end, self._on_end)

    def terminate(self) -> None:
        """Ask it to stop."""
        if not self.ended.done():
            self._tether.terminate()

    def kill(self) -> None:
        """End it, and all that it started, at once."""
        if not self.ended.done():
            os.killpg(self._tether.pid, signal.SIGKILL)

    def _hear(self) -> bool:
        """-> whether there may be more to hear."""
        try:
            piece = os.read(self._log.fileno(), _PIECE)
        except BlockingIOError:
            return False
        for line in self._lines.take(piece):
            self._say(line)
        if not piece:
            self._loop.remove_reader(self._log)
        return bool(piece)

    def _on_end(self) -> None:
        """The tether alone held the pipe that closed.  It has not been waited for: its group is still its own."""
        self._loop.remove_reader(self._end)
        with suppress(ProcessLookupError):
            os.killpg(self._tether.pid, signal.SIGKILL)  # what the child left behind
        code = self._tether.wait()
        while self._hear():
            pass
        for line in self._lines.end():
            self._say(line)
        self._loop.remove_reader(self._log)
        _close(self._end, self._log)
        os.close(self._leash)
        self.ended.set_result(code)


def how(code: int) -> str:
    """An exit code for people."""
    number = -code if code < 0 else code - 128
    with suppress(ValueError):
        return f"was ended by {signal.Signals(number).name}"
    return f"ended with exit code {code}"


def _close(*pipes: IO[bytes]) -> None:
    for pipe in pipes:
        pipe.close()
