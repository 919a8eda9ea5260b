"""The main job: every dump of an input received, cleaned, compared and stored, in the input's order."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import Engine

from ingest.model import Dump
from ingest.run.interrupts import Interrupts
from ingest.run.job import Job, Report
from ingest.run.learning import learn
from ingest.settings import Settings
from ingest.store import ledger
from ingest.store.transactions import reading
from ingest.version import VERSION

__all__ = ["CLEANER", "Report", "run"]

CLEANER = "ingest.pipeline:clean"
BATCH_BYTES = 32_000_000  # payloads read before they are written down, whatever their number
_POLL = 0.1  # seconds: how late an interrupt may be heard


def run(
    dumps: Iterable[Dump],
    engine: Engine,
    settings: Settings,
    *,
    cleaner: str = CLEANER,
    version: str | None = None,
    watch: Callable[[int], None] = lambda finished: None,
) -> Report:
    """Do all that is left to do for these dumps; dumps done under this pipeline `version` are known.

    Cleaning is spread over processes; comparing and storing are not, and follow the input's order, a batch a
    transaction.  So the store holds at any moment the result of a first part of the input, and a run after
    an interrupted one (Ctrl-C, kill -9) ends as if there had been no interruption.  A dump that ends its
    process or exceeds the time limit is tried again with nothing beside it, `settings.attempts` times in
    all.  What the sources repeat is learned when all is done: dumps of one run are cleaned with what was
    known before it.  Ctrl-C ends the run early, with what is finished stored.  `watch` hears of dumps as they finish.
    """
    if version is None:
        version = VERSION
    with Interrupts() as interrupts, Job(engine, settings, cleaner, version, watch) as job:
        try:
            batch: list[Dump] = []
            for dump in dumps:
                with interrupts.held():
                    batch.append(dump)
                    job.turn(0)
                    if len(batch) == settings.batch or sum(d.size for d in batch) >= BATCH_BYTES:
                        job.receive(batch)
                        batch = []
                while job.is_full:
                    with interrupts.held():
                        job.turn(_POLL)
            with interrupts.held():
                job.receive(batch)
            while job.is_open:
                with interrupts.held():
                    job.turn(_POLL, last=True)
            with interrupts.held():
                job.report.learned = learn(engine, settings)
        except KeyboardInterrupt:
            interrupts.ignore()  # what is left to do is short, and must be whole
            job.call_off()
        with interrupts.held(), reading(engine) as connection:
            job.report.dead = ledger.dead(connection, job.report.dump_ids)
    return job.report
