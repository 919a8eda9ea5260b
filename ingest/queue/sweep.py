"""Finding dumps that nobody is at, though they are not finished, and sending them again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from ingest.queue.broker import Send, dispatch
from ingest.settings import Settings
from ingest.store import claims
from ingest.store.engine import portions, writing

_PORTION = 2000  # dumps taken back in one transaction


def sweep(engine: Engine, send: Send, oldest: Callable[[], str | None], settings: Settings) -> int:
    """Send stale dumps again.  -> their number.

    Stale is what was received and not sent, or in work, and had no news for `queue.stale_after` seconds: its
    pusher or worker is gone.  A queued dump may wait much longer behind others; it is stale when it was sent
    before the `oldest` message on the queue (as `Broker.oldest` says): its own message is on it no more.
    Dumps with attempts behind them are sent alone, so that one that ends its worker is found out.
    """
    patience = timedelta(seconds=settings.queue.stale_after)
    sent = 0
    while True:
        before = (datetime.now(UTC) - patience).isoformat(timespec="seconds")
        first = oldest()
        queued_before = before if first is None else min(before, first)
        with writing(engine) as connection:
            stale = claims.take_back_stale(
                connection, before=before, queued_before=queued_before, limit=_PORTION
            )
        fresh = [dump_id for dump_id, attempts in stale if not attempts]
        groups = [
            *portions(fresh, settings.queue.task_dumps),
            *([dump_id] for dump_id, attempts in stale if attempts),
        ]
        sent += dispatch(engine, send, groups)
        if len(stale) < _PORTION:
            return sent
