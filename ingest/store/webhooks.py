"""Webhooks: who is told of changes, and how far each was told."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from ingest.errors import UsageError
from ingest.store.schema import webhooks
from ingest.store.values import now, storable

State = Literal["active", "dead"]


@dataclass(frozen=True, slots=True)
class Webhook:
    webhook_id: str
    url: str
    secret: str
    cursor: int  # all up to here was delivered
    state: State
    failures: int  # since the last delivery that was taken
    due_at: str
    error: str | None  # of the last failure
    created_at: str
    delivered_at: str | None  # when something was taken the last time


def add(connection: Connection, url: str, secret: str, cursor: int) -> str:
    """-> its id."""
    webhook_id, at = secrets.token_hex(6), now()
    row = {"webhook_id": webhook_id, "url": storable(url), "secret": secret, "cursor": cursor}
    connection.execute(
        insert(webhooks), {**row, "state": "active", "failures": 0, "due_at": at, "created_at": at}
    )
    return webhook_id


def listed(connection: Connection) -> list[Webhook]:
    """Oldest first."""
    asked = select(webhooks).order_by(webhooks.c.created_at, webhooks.c.webhook_id)
    return [_webhook_of(row) for row in connection.execute(asked)]


def counts(connection: Connection) -> dict[State, int]:
    rows = connection.execute(select(webhooks.c.state, func.count()).group_by(webhooks.c.state))
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    return {state: found.get(state, 0) for state in get_args(State)}


def remove(connection: Connection, webhook_id: str) -> None:
    """Raises UsageError for an unknown id, as the next."""
    known(connection, webhook_id)
    connection.execute(delete(webhooks).where(webhooks.c.webhook_id == webhook_id))


def revive(connection: Connection, webhook_id: str) -> None:
    """Try it again, now, from where it was left."""
    known(connection, webhook_id)
    fresh = {"state": "active", "failures": 0, "due_at": now(), "held_until": None}
    connection.execute(update(webhooks).where(webhooks.c.webhook_id == webhook_id).values(**fresh))


def known(connection: Connection, webhook_id: str) -> Webhook:
    row = connection.execute(
        select(webhooks).where(webhooks.c.webhook_id == storable(webhook_id))
    ).one_or_none()
    if row is None:
        raise UsageError(f"no webhook has the id {webhook_id!r}: see ingest webhooks list")
    return _webhook_of(row)


def due(connection: Connection, newest: int) -> list[str]:
    """Those that have something to hear, and whose pause is over."""
    waits = select(webhooks.c.webhook_id).where(_is_free(now()), webhooks.c.cursor < newest)
    return list(connection.scalars(waits.order_by(webhooks.c.due_at)))


def claim(connection: Connection, webhook_id: str, seconds: float) -> Webhook | None:
    """For so long, nobody else delivers to it; None where somebody does, or it is not due."""
    at = datetime.now(UTC)
    mine = update(webhooks).where(webhooks.c.webhook_id == webhook_id, _is_free(_written(at)))
    claimed = connection.execute(mine.values(held_until=_written(at + timedelta(seconds=seconds))))
    return known(connection, webhook_id) if claimed.rowcount else None


def delivered(connection: Connection, webhook_id: str, cursor: int) -> None:
    """It took what was before this cursor."""
    taken = {"cursor": cursor, "failures": 0, "error": None, "delivered_at": now()}
    connection.execute(update(webhooks).where(webhooks.c.webhook_id == webhook_id).values(**taken))


def failed(
    connection: Connection, webhook_id: str, error: str, *, state: State, failures: int, pause: float
) -> None:
    """It did not take it: the same again after a pause of so many seconds, if ever."""
    after = _written(datetime.now(UTC) + timedelta(seconds=pause))
    said = {"error": storable(error)[:1000], "state": state, "failures": failures, "due_at": after}
    connection.execute(update(webhooks).where(webhooks.c.webhook_id == webhook_id).values(**said))


def release(connection: Connection, webhook_id: str) -> None:
    connection.execute(update(webhooks).where(webhooks.c.webhook_id == webhook_id).values(held_until=None))


def _is_free(at: str) -> ColumnElement[bool]:
    unheld = or_(webhooks.c.held_until.is_(None), webhooks.c.held_until < at)
    return and_(webhooks.c.state == "active", webhooks.c.due_at <= at, unheld)


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _webhook_of(row: Row[tuple[object, ...]]) -> Webhook:
    return Webhook(
        row.webhook_id, row.url, row.secret, row.cursor, row.state, row.failures, row.due_at, row.error,
        row.created_at, row.delivered_at,
    )  # fmt: skip
