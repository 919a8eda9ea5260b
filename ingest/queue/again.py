"""Sending finished and dead dumps once more: after a repair, or for a newer pipeline."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from ingest.queue.broker import Send, dispatch
from ingest.settings import Settings
from ingest.store import ledger
from ingest.store.transactions import reading, writing
from ingest.store.values import portions

# Tasks that a replay has under way at once: enough for many workers, and what is pushed meanwhile does not
# wait behind the whole archive.
AHEAD_TASKS = 128
_LOOK = 0.5  # seconds between two looks at whether workers made room


@dataclass(slots=True)
class Replayed:
    """How far a replay came."""

    sent: int = 0
    arrival: int = 0  # of the last dump that was sent: the next replay may go on behind it


def send_again(engine: Engine, send: Send, dump_ids: Sequence[str], settings: Settings) -> int:
    """Have dumps cleaned again that are done or dead, with all their attempts; others are spared.

    Committed before they are sent.  -> dumps sent.  Raises Unavailable where the broker is gone: the sweeper
    sends what was opened by then.
    """
    sent = 0
    for some in portions(dump_ids, settings.queue.task_dumps):
        with writing(engine) as connection:
            opened = ledger.open_again(connection, some)
        if opened:
            sent += dispatch(engine, send, [opened])
    return sent


def replay(
    engine: Engine,
    send: Send,
    selection: ledger.Selection,
    settings: Settings,
    progress: Replayed,
    watch: Callable[[int], None] = lambda finished: None,
) -> None:
    """Send the selected dumps again in the order of receiving, behind `progress`, which is kept up to date.

    Waits while `AHEAD_TASKS` tasks' worth of dumps is unfinished.  Stopped at any moment, it leaves dumps that
    are done, or on their way: doing it again sends what is left.
    """
    room = AHEAD_TASKS * settings.queue.task_dumps
    while True:
        with reading(engine) as connection:
            full = ledger.unfinished(connection) >= room
            found = (
                []
                if full
                else ledger.done_after(connection, selection, progress.arrival, settings.queue.task_dumps)
            )
        if full:
            time.sleep(_LOOK)
            continue
        if not found:
            return
        sent = send_again(engine, send, [dump_id for _, dump_id in found], settings)
        progress.sent += sent
        progress.arrival = found[-1][0]
        watch(sent)
