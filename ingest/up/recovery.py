"""Going on at once with the work that an earlier service had in hand, rather than when it counts as lost.

Whose work is it?  A dump in state `cleaning` is some task's, and in a store that others share that task may be
alive elsewhere.  But a task's id is its message's, and a message that our broker delivered and that was never
acknowledged was in the hands of our workers, of which none lives: the lock says so.  Such dumps alone are let go.
"""

from __future__ import annotations

from sqlalchemy import Engine

from ingest.store import ledger, leftovers
from ingest.store.transactions import reading, writing
from ingest.up import messages


def resume(engine: Engine, broker: str) -> int:
    """Have the messages read again that the last worker had, before there is a new one.  -> dumps it had in work."""
    number = 0
    if tasks := messages.held(broker):
        with writing(engine) as connection:
            number = leftovers.let_go(connection, tasks)
        messages.give_back(broker)
    return number


def has_waiting(engine: Engine) -> bool:
    """Whether there is anything for `ingest.up.resend` to look at."""
    with reading(engine) as connection:
        counts = ledger.counts(connection)
    return counts["received"] + counts["queued"] > 0
