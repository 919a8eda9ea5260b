"""Tokens: who may use the API, and for what.

A token reads `ingest_ID_SECRET`.  Its id is public: lists and messages name it.  Of the whole only sha256 is
kept; a slow hash is for passwords, which can be guessed, and nobody guesses 256 random bits.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import Connection, Row, func, select, update

from ingest.errors import UsageError
from ingest.store.inserts import insert_new
from ingest.store.schema import tokens
from ingest.store.values import now, storable

Scope = Literal["push", "read", "review", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

LONGEST_DAYS = 36_500
_FIRST = "0" * 12
_TOKEN = re.compile(r"ingest_([0-9a-f]{12})_[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Token:
    """What the store knows of a token."""

    token_id: str
    name: str
    scopes: tuple[str, ...]
    created_at: str
    expires_at: str | None
    revoked_at: str | None

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now() < self.expires_at)

    def allows(self, scope: str) -> bool:
        return scope in self.scopes or "admin" in self.scopes


def create(connection: Connection, scopes: Sequence[str], *, name: str = "", days: int | None = None) -> str:
    """A new token, which nobody can show again; without `days` it is valid until revoked.

    Raises UsageError for a scope that is none, or a time that nobody can mean.
    """
    if not scopes or not set(scopes) <= set(SCOPES):
        raise UsageError(f"a token needs one or more of these scopes: {', '.join(SCOPES)}")
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise UsageError(f"a token expires after 1 to {LONGEST_DAYS} days, or never")
    while not _insert(connection, token := _new(secrets.token_hex(6)), scopes, name, days):
        pass  # that id is taken
    return token


def create_first(connection: Connection) -> str | None:
    """An admin token, where there never was a token; else None.

    Its id is always the same: of two processes that start at once, the unique key lets one make it.
    """
    if connection.scalar(select(func.count()).select_from(tokens)):
        return None
    token = _new(_FIRST)
    return token if _insert(connection, token, ("admin",), "first", None) else None


def find(connection: Connection, token: str) -> Token | None:
    """The token, valid or not; None where it is none of ours."""
    form = _TOKEN.fullmatch(token)
    if form is None:
        return None
    row = connection.execute(select(tokens).where(tokens.c.token_id == form.group(1))).one_or_none()
    if row is None or not hmac.compare_digest(row.hash, hash_of(token)):
        return None
    return _token_of(row)


def listed(connection: Connection) -> list[Token]:
    """All tokens, oldest first; the revoked and the expired too."""
    rows = connection.execute(select(tokens).order_by(tokens.c.created_at, tokens.c.token_id))
    return [_token_of(row) for row in rows]


def revoke(connection: Connection, token_id: str) -> Token:
    """End a token; one that was revoked before stays as it is.  Raises UsageError for an unknown id."""
    here = tokens.c.token_id == storable(token_id)
    connection.execute(update(tokens).where(here, tokens.c.revoked_at.is_(None)).values(revoked_at=now()))
    row = connection.execute(select(tokens).where(here)).one_or_none()
    if row is None:
        raise UsageError(f"no token has the id {token_id!r}: see ingest tokens list")
    return _token_of(row)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _new(token_id: str) -> str:
    return f"ingest_{token_id}_{secrets.token_hex(32)}"


def _insert(connection: Connection, token: str, scopes: Sequence[str], name: str, days: int | None) -> bool:
    """-> whether its id was free."""
    at = datetime.now(UTC)
    row = {
        "token_id": token.split("_")[1],
        "hash": hash_of(token),
        "name": storable(name),
        "scopes": [scope for scope in SCOPES if scope in scopes],
        "created_at": at.isoformat(timespec="seconds"),
        "expires_at": None if days is None else (at + timedelta(days=days)).isoformat(timespec="seconds"),
    }
    return insert_new(connection, tokens, row)


def _token_of(row: Row[tuple[object, ...]]) -> Token:
    return Token(row.token_id, row.name, tuple(row.scopes), row.created_at, row.expires_at, row.revoked_at)
