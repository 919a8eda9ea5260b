"""Cleaners side by side, each in a process of its own: its memory is its own, and its crash costs one page."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from benchmarks.resident import resident_bytes

PATIENCE = 60.0  # seconds on one page before a cleaner is given up there

_spawn = multiprocessing.get_context("spawn")


class Output(NamedTuple):
    text: str
    lines: frozenset[int] = frozenset()  # flat dumps: numbers of the lines that were kept


@dataclass(frozen=True, slots=True)
class Cleaner:
    """`clean` gets the text and its language and is timed; `output` gets the text and what came of it, and is not."""

    name: str
    clean: Callable[[str, str | None], Any]
    output: Callable[[str, Any], Output]


class Answer(NamedTuple):
    output: Output
    seconds: float  # of processor time, all threads: what else the machine does is not counted
    resident: int  # bytes
    peak: int  # bytes, since the process began
    fault: str | None = None


class Contestant:
    """A cleaner's process; a new one where the last was lost."""

    def __init__(self, cleaner: Cleaner) -> None:
        self.cleaner = cleaner
        self._start()

    def clean(self, text: str, language: str | None) -> Answer:
        """Never raises for what a cleaner does: an error, a crash or no answer in time is the answer's `fault`."""
        try:
            self._pipe.send((text, language))
            if self._pipe.poll(PATIENCE):
                return self._pipe.recv()
            fault = f"no answer in {PATIENCE:.0f} s"
        except (EOFError, ConnectionError):
            self._process.join()
            fault = f"its process ended with {self._process.exitcode}"
        self.close()
        self._start()
        return Answer(Output(""), 0.0, 0, 0, fault)

    def close(self) -> None:
        self._pipe.close()
        self._process.kill()
        self._process.join()

    def _start(self) -> None:
        self._pipe, theirs = _spawn.Pipe()
        self._process = _spawn.Process(target=_serve, args=(self.cleaner, theirs), daemon=True)
        self._process.start()
        theirs.close()


def _serve(cleaner: Cleaner, pipe: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    warm = False
    while True:
        try:
            text, language = pipe.recv()
        except EOFError:
            return
        output, seconds, fault = Output(""), 0.0, None
        try:
            if not warm:  # imports, models and tables are not part of what a page costs
                cleaner.clean(text, language)
                warm = True
            started = time.process_time()
            result = cleaner.clean(text, language)
            seconds = time.process_time() - started
            output = cleaner.output(text, result)
        except Exception as error:  # noqa: BLE001  (whatever a peer raises is its answer here)
            fault = f"{type(error).__name__}: {error}"[:200]
        pipe.send(Answer(output, seconds, *resident_bytes(), fault))
