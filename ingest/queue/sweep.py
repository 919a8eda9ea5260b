"""Finding dumps that nobody is at, though they are not finished, and sending them again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Engine

from ingest.queue.broker import Send, dispatch
from ingest.settings import Settings
from ingest.store import claims
from ingest.store.transactions import writing
from ingest.store.values import portions
from ingest.store.workers import forget
from ingest.telemetry.counts import SENT_AGAIN
from ingest.telemetry.logs import logger

_PORTION = 2000  # dumps taken back in one transaction
_GONE = 86_400.0  # seconds without a sign of life after which a worker is not shown any more, as dead either

_log = logger(__name__)


def sweep(engine: Engine, send: Send, oldest: Callable[[], str | None], settings: Settings) -> int:
    """Send stale dumps again.  -> their number.

    Stale is what was received and not sent, or in work, and had no news for `queue.stale_after` seconds: its
    pusher or worker is gone.  A queued dump may wait much longer behind others; it is stale when it was sent
    before the `oldest` message on the queue (as `Broker.oldest` says): its own message is on it no more.
    Dumps with attempts behind them are sent alone, so that one that ends its worker is found out.  Workers that
    were killed long ago are forgotten.
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
        sent += dispatch(engine, partial(_send_again, send, dict(stale)), groups)
        if len(stale) < _PORTION:
            break
    with writing(engine) as connection:
        forget(connection, _GONE)
    if sent:
        _log.info("swept", sent_again=sent)
    return sent


def _send_again(send: Send, attempts: dict[str, int], dump_ids: Sequence[str]) -> None:
    send(dump_ids)
    SENT_AGAIN.inc(len(dump_ids))
    for dump_id in dump_ids:
        _log.info("dump sent again", dump_id=dump_id, attempts=attempts[dump_id])
