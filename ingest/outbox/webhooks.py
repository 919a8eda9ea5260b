"""Telling webhooks: pages of the feed, in order, each until it is taken.

What is delivered is what `GET /v1/documents` answers.  A receiver may get a page twice (it took it, and we died before
we wrote that down): its `webhook-id` is then the same.  While a webhook fails, its cursor stays, so nothing is lost;
given up, it is dead until a person has it tried again, and then goes on where it was left.
"""

from __future__ import annotations

import hashlib
import json
import time
from urllib.parse import urlsplit

from sqlalchemy import Engine

from ingest.crawl.guard import Guard
from ingest.errors import UsageError
from ingest.export import change_row
from ingest.outbox.post import NotDelivered, post
from ingest.outbox.signing import new_secret, signed
from ingest.settings import Outbox
from ingest.store import cursors, feed, webhooks
from ingest.store.feed import FeedPage, Filters
from ingest.store.transactions import reading, writing
from ingest.store.webhooks import Webhook
from ingest.telemetry.logs import logger

_PAGE = 100  # changes in one message
_TURN = 20.0  # seconds after which the next turn goes on
_GONE = 410  # the receiver's word for: never again

_log = logger(__name__)


def add(engine: Engine, url: str, *, from_start: bool) -> tuple[str, str]:
    """Tell this URL of changes from now on, or from the first one.  -> its id, and the secret that it checks us by.

    Raises UsageError for what is no URL to post to.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise UsageError(f"{url!r} is no address of a webhook: write https://HOST/PATH, without a password")
    secret = new_secret()
    with writing(engine) as connection:
        cursor = 0 if from_start else feed.newest(connection)
        return webhooks.add(connection, url, secret, cursor), secret


def due(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return webhooks.due(connection, feed.newest(connection))


def deliver(engine: Engine, webhook_id: str, settings: Outbox) -> int:
    """Tell a webhook what it has not heard.  -> changes that it took.  Raises Unavailable of the store."""
    with writing(engine) as connection:
        webhook = webhooks.claim(connection, webhook_id, _TURN + 2 * settings.response_seconds)
    if webhook is None:
        return 0
    cursor, taken, until = webhook.cursor, 0, time.monotonic() + _TURN
    try:
        while time.monotonic() < until:
            with reading(engine) as connection:
                page = feed.page_after(connection, cursor, Filters(), _PAGE)
            if not page.changes or not _is_taken(engine, webhook, page, settings):
                break
            cursor, taken = page.cursor, taken + len(page.changes)
            with writing(engine) as connection:
                webhooks.delivered(connection, webhook_id, cursor)
            if not page.more:
                break
    finally:
        with writing(engine) as connection:
            webhooks.release(connection, webhook_id)
    return taken


def _is_taken(engine: Engine, webhook: Webhook, page: FeedPage, settings: Outbox) -> bool:
    said = {"changes": list(map(change_row, page.changes)), "cursor": cursors.written(page.cursor)}
    body = json.dumps(said, ensure_ascii=False).encode()
    message = hashlib.sha256(webhook.webhook_id.encode() + body).hexdigest()[:32]
    headers = {"Content-Type": "application/json", **signed(webhook.secret, message, body)}
    pause = 0.0
    try:
        answer = post(webhook.url, body, headers, Guard(settings.private_hosts), settings.response_seconds)
    except NotDelivered as failure:
        error, is_over = str(failure), False
    else:
        if 200 <= answer.status < 300:
            return True
        error, is_over, pause = f"it answered {answer.status}", answer.status == _GONE, answer.retry_after
    with writing(engine) as connection:
        failures = webhooks.known(connection, webhook.webhook_id).failures + 1
        is_dead = is_over or failures >= settings.attempts
        pause = max(min(pause, settings.longest_pause), _pause(failures, settings))
        webhooks.failed(
            connection,
            webhook.webhook_id,
            error,
            state="dead" if is_dead else "active",
            failures=failures,
            pause=pause,
        )
    say = _log.error if is_dead else _log.warning
    say("webhook not delivered", webhook=webhook.webhook_id, error=error, failures=failures, dead=is_dead)
    return False


def _pause(failures: int, settings: Outbox) -> float:
    """Twice as long after each failure."""
    return min(settings.first_pause * 2.0 ** min(failures - 1, 30), settings.longest_pause)
