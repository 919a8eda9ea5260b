"""One log of many processes: each line says whose it is."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

_WIDTH = 8  # of the names, so that the lines align
_COLOURS = (36, 33, 35, 32, 34)  # of the terminal; each name gets the next
_LONGEST = 65_536  # bytes; what is longer is broken


class Log:
    """Writes to stderr; in colour where that is a terminal and NO_COLOR is not set.

    Where nobody reads any more, the service goes on without a log.
    """

    def __init__(self) -> None:
        self._in_colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        self._colours: dict[str, int] = {}
        self._lock = threading.Lock()

    def say(self, name: str, text: str) -> None:
        """One line or more."""
        before = f"{log_name(name)} "
        if self._in_colour:
            colour = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
            before = f"\x1b[{colour}m{before}\x1b[0m"
        self._write("".join(f"{before}{_printable(line)}\n" for line in text.splitlines()))

    def show(self, text: str) -> None:
        """What is for the person rather than for the record: as it is."""
        self._write(text)

    def _write(self, text: str) -> None:
        with self._lock, suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()


def log_name(name: str) -> str:
    """What stands before each line of this name."""
    return f"{name:<{_WIDTH}}|"


class Lines:
    """Puts together what comes in pieces, and hands on whole lines."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, piece: bytes) -> list[str]:
        *whole, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > _LONGEST:
            whole, self._rest = [*whole, self._rest], b""
        return [line.decode(errors="replace") for line in whole]

    def end(self) -> list[str]:
        """What came after the last line break."""
        rest, self._rest = self._rest, b""
        return [rest.decode(errors="replace")] if rest else []


def _printable(line: str) -> str:
    """Without what a terminal would obey: names of files reach the log."""
    return "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in line)
