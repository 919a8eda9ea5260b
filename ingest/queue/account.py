"""What a task tells of its dumps: an event with the dump's id, and a count, for whatever befalls them.

What goes as it should is told at debug, dump by dump, and in one line a task at info; what does not is told at
once.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from ingest.model import Dump
from ingest.run.pool import Lost
from ingest.run.worker import Failure, Success
from ingest.telemetry import counts
from ingest.telemetry.logs import logger

_log = logger(__name__)


class Account:
    """Of one task."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._claimed = self._done = self._dead = 0
        self._sources: dict[str, str | None] = {}

    def claimed(self, attempts: Mapping[str, int]) -> None:
        """These dumps are in hand, each with the number of this attempt."""
        self._claimed = len(attempts)
        for dump_id, attempt in attempts.items():
            _log.debug("dump claimed", dump_id=dump_id, attempt=attempt)

    def loaded(self, dump: Dump) -> None:
        self._sources[dump.dump_id] = dump.source

    def lost(self, dump_id: str, lost: Lost, attempt: int) -> None:
        """It cost the process that cleaned it."""
        _log.warning("process lost", dump_id=dump_id, attempt=attempt, reason=lost.reason, error=lost.message)

    def tried_again(self, dump_id: str, attempt: int) -> None:
        _log.info("dump tried again", dump_id=dump_id, attempt=attempt)

    def finished(self, results: Mapping[str, Success | Failure]) -> None:
        """These results are committed."""
        batch = counts.Batch()
        for dump_id, result in results.items():
            source = self._sources.get(dump_id)
            match result:
                case Success(cleaned):
                    batch.done(source, cleaned.removals)
                    self._done += 1
                    _log.debug("dump stored", dump_id=dump_id, articles=len(cleaned.articles))
                case Failure(reason, message):
                    batch.dead(source, reason)
                    self._dead += 1
                    _log.warning("dump dead", dump_id=dump_id, reason=reason, error=message)
        batch.count()

    def handed_back(self, together: Iterable[str], alone: Iterable[str]) -> None:
        """These are to be sent again, by this task or, where the broker is away, by the sweeper."""
        for dump_id in together:
            _log.debug("dump handed back", dump_id=dump_id)
        for dump_id in alone:
            _log.info("dump handed back alone", dump_id=dump_id)

    def dropped(self, dump_ids: Iterable[str], error: Exception) -> None:
        """An accident of the task: these are left to the sweeper."""
        for dump_id in dump_ids:
            _log.warning(
                "dump left to the sweeper", dump_id=dump_id, error=f"{type(error).__name__}: {error}"
            )

    def closed(self, named: int) -> None:
        """The task has ended; its message named so many dumps."""
        _log.info(
            "task done",
            named=named,
            claimed=self._claimed,
            done=self._done,
            dead=self._dead,
            seconds=round(time.perf_counter() - self._began, 3),
        )
