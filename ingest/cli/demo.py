"""The sample dumps through the running service, for people who see it for the first time."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import Engine

from ingest.cli.summary import Summary, summary_of
from ingest.errors import UsageError
from ingest.settings import Settings
from ingest.store import ledger, records
from ingest.store.opening import opened
from ingest.store.transactions import reading
from ingest.up.log import Log

_LOOK = 0.2  # seconds between two looks at how far they are


def seeds() -> Path:
    """The folder of the sample dumps: below the working folder, or of the checkout that this is.

    Raises UsageError where there is none.
    """
    for place in (Path.cwd(), Path(__file__).parents[2]):
        if (place / "seeds").is_dir():
            return place / "seeds"
    raise UsageError(
        "the sample dumps are not here: seeds/ comes with the source of ingest, not with the installed package; "
        "start `ingest up --demo` in a checkout, or `ingest up` and push files of your own"
    )


def show_seeds(folder: Path, settings: Settings, log: Log) -> None:
    """Push them, wait until they are done, and say what came of them.  Raises Unavailable."""
    from ingest.queue import (
        push,
    )  # here: Celery takes a third of a second to load, and the service is up by now

    dump_ids = push(folder, settings=settings).dump_ids
    log.say("demo", f"{len(dump_ids)} dumps of {folder} were pushed")
    with opened(settings) as engine:
        _wait(engine, dump_ids)
        with reading(engine) as connection:
            summary = summary_of(connection, dump_ids)
            dead = ledger.dead(connection, dump_ids)
            documents = list(records.records_of(connection, dump_ids))
    lines = ["", f"The demo: {len(dump_ids)} dumps gave {len(documents)} documents"]
    lines += [f"  {record['document_id'][:12]}  {record['title'] or '(no title)'}" for record in documents]
    lines += [f"  dead: {dump.name}: {dump.reason}: {dump.message}" for dump in dead]
    lines += [f"Removed: {_removed(summary)}"]
    if documents:
        some = documents[0]["document_id"][:12]
        lines += [
            "In another shell:",
            "  ingest status",
            f"  ingest show {some}",
            f"  ingest show {some} --removed    what was taken out, struck through, with its reason",
        ]
    log.show("\n".join([*lines, "", ""]))


def _wait(engine: Engine, dump_ids: list[str]) -> None:
    while True:
        with reading(engine) as connection:
            standings = ledger.standings(connection, dump_ids).values()
        if all(standing.state in ("done", "dead") for standing in standings):
            return
        time.sleep(_LOOK)


def _removed(summary: Summary) -> str:
    return ", ".join(f"{number} {reason}" for reason, number in summary.spans.most_common())
