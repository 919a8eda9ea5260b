"""Sending what waits in the ledger and is named by no message; a process of its own.

    python -m ingest.up.resend

Its pusher died between writing it down and sending it, or a worker between taking the message and saying so.  The
sweeper would find it after `queue.stale_after` seconds.  Here a million dumps may be compared with thousands of
messages: beside the service, which is up already, and in memory that is given back.  A dump that waits is nobody's,
also in a store that others share: sent once too often, it costs a worker one look.
"""

from __future__ import annotations

import sys

from sqlalchemy import Engine

from ingest.errors import IngestError
from ingest.queue.broker import CLEAN, Broker, Send, broker_url, dispatch, make_app
from ingest.settings import Settings
from ingest.store import leftovers
from ingest.store.opening import opened
from ingest.store.transactions import reading, writing
from ingest.store.values import now, portions
from ingest.up import messages

_PORTION = 2000  # dumps sent in one go


def resend(engine: Engine, send: Send, settings: Settings) -> int:
    """-> dumps sent; those with attempts behind them alone, as everywhere."""
    until = now()  # what comes later is on its way
    named = messages.named(broker_url(settings), CLEAN)
    with reading(engine) as connection:
        lost = [row for row in leftovers.waiting(connection, until=until) if row[0] not in named]
    sent = 0
    for some in portions(lost, _PORTION):
        with writing(engine) as connection:
            leftovers.take_back(connection, [dump_id for dump_id, _ in some])
        fresh = [dump_id for dump_id, attempts in some if not attempts]
        alone = [[dump_id] for dump_id, attempts in some if attempts]
        sent += dispatch(engine, send, [*portions(fresh, settings.queue.task_dumps), *alone])
    return sent


def main() -> int:
    settings = Settings()
    try:
        with Broker(make_app(settings)) as broker, opened(settings) as engine:
            number = resend(engine, broker.send_clean, settings)
    except IngestError as error:
        sys.stderr.write(f"{error}: the sweeper will send what waits\n")
        return 1
    if number:
        sys.stderr.write(f"{number} dumps waited and no message named them: sent again\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
