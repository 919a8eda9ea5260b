"""Requests that came with an Idempotency-Key: which key stands for which request, for a day."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, select

from ingest.store.inserts import insert_new
from ingest.store.schema import requests
from ingest.store.values import now

KEPT = timedelta(days=1)
_AT_ONCE = 100


def key_of(token_id: str, given: str) -> str:
    """Keys of different tokens never meet."""
    return hashlib.sha256(f"{token_id}\x00{given}".encode()).hexdigest()


def claim(connection: Connection, key: str, fingerprint: str, dump_ids: Sequence[str]) -> str | None:
    """Let the key stand for this request.  -> None; or, where it stands for one, that one's fingerprint.

    Of two at once, one claims the key; the other waits here until the first is committed.
    """
    _forget(connection)
    row = {"key": key, "fingerprint": fingerprint, "dump_ids": list(dump_ids), "created_at": now()}
    if insert_new(connection, requests, row):
        return None
    stands: str = connection.scalars(select(requests.c.fingerprint).where(requests.c.key == key)).one()
    return stands


def _forget(connection: Connection) -> None:
    """Drop the oldest whose day is over: more at once than come at once, so that none are left over."""
    over = (datetime.now(UTC) - KEPT).isoformat(timespec="seconds")
    old = select(requests.c.key).where(requests.c.created_at < over).order_by(requests.c.created_at)
    # What another transaction is dropping is left to it: nobody waits here.
    keys = connection.scalars(old.limit(_AT_ONCE).with_for_update(skip_locked=True)).all()
    if keys:
        connection.execute(delete(requests).where(requests.c.key.in_(keys)))
