"""The life of one cleaning process: what it hears, what it answers."""

from __future__ import annotations

import importlib
import logging
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection

from ingest.collector import spare_what_is_loaded
from ingest.errors import UnusableDump
from ingest.index.sketch import Sketch, sketch_of
from ingest.model import Cleaned, Dump, Plain, Site
from ingest.settings import Cleaning
from ingest.stages.deduplicate import sketches_of
from ingest.stages.furniture import lines_of, version_of

# The parent ends a process at its time limit.  Should the parent be gone, the kernel does it this many
# seconds later, whatever the process is stuck in.
_GRACE = 30.0

# Objects that a page makes before the collector looks for cycles.  They live until the page is done: looking every
# few hundred, as Python does, took 4 % of the time.
_COLLECTED_AFTER = 100_000


@dataclass(frozen=True, slots=True)
class Ready:
    """The cleaner is loaded."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The cleaner cannot be loaded: no dump's fault."""

    traceback: str


@dataclass(frozen=True, slots=True)
class Success(Plain):
    cleaned: Cleaned
    sketches: tuple[Sketch, ...]  # one an article
    lines: bytes | None = (
        None  # what counts for its source's furniture, as `stages.furniture.lines_of` gives it
    )
    furniture: str = ""  # the version of the furniture that it was cleaned with


@dataclass(frozen=True, slots=True)
class Failure(Plain):
    """This dump gives no result; `traceback` is set where the fault may be ours."""

    reason: str
    message: str
    traceback: str | None = None


def work(pipe: Connection, cleaner: str, settings: Cleaning, time_limit: float) -> None:
    """Answer each dump with a Success or a Failure, until the parent closes the pipe.

    A Site is not answered: it holds for the dumps behind it.
    """
    os.dup2(2, 1)  # stdout is for the run's data: what a library prints must not get between
    logging.lastResort = None  # libraries warn about pages that we handle
    logging.captureWarnings(True)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the parent closed the pipe, or is gone
        try:
            clean = load(cleaner)
            sketch_of("one two three four five six")  # loads its library now, not in the first dump's time
        except Exception:  # noqa: BLE001  (whatever an import can raise: the parent tells it)
            pipe.send(Broken(traceback.format_exc()))
            return
        spare_what_is_loaded(_COLLECTED_AFTER)
        pipe.send(Ready())
        site = None
        while True:
            heard = pipe.recv()
            if isinstance(heard, Site):
                site = heard
                continue
            _set_alarm(time_limit + _GRACE)
            answer = _answer(clean, heard, settings, site)
            _set_alarm(0)
            pipe.send_bytes(answer)


def load(cleaner: str) -> Callable[..., Cleaned]:
    """The function that "module:function" names."""
    module, _, name = cleaner.partition(":")
    function: Callable[..., Cleaned] = getattr(importlib.import_module(module), name)
    return function


def outcome_of(
    clean: Callable[..., Cleaned], dump: Dump, settings: Cleaning, site: Site | None = None
) -> Success | Failure:
    """Clean one dump; every way in which that can end is a value."""
    try:
        cleaned = clean(
            dump.payload,
            media_type=dump.media_type,
            url=dump.url,
            source=dump.source,
            site=site,
            settings=settings,
            **({"corrections": dump.corrections} if dump.corrections else {}),
        )
        if not cleaned.text.strip():
            return Failure("empty", "nothing to read in it: no visible text")
        return Success(cleaned, sketches_of(cleaned), lines_of(cleaned), version_of(site))
    except UnusableDump as error:
        return Failure(error.reason, error.message)
    except BaseException as error:  # noqa: BLE001  (panics of native libraries are no Exception)
        return Failure("failed", f"{type(error).__name__}: {error}", traceback.format_exc())


def _answer(clean: Callable[..., Cleaned], dump: Dump, settings: Cleaning, site: Site | None) -> bytes:
    try:
        return pickle.dumps(outcome_of(clean, dump, settings, site))
    except Exception as error:  # noqa: BLE001  (pickling calls into whatever the result holds)
        return pickle.dumps(Failure("failed", f"result not sendable: {error}", traceback.format_exc()))


def _set_alarm(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
