"""Tokens as they are looked up: once in a while each, not at every request."""

from __future__ import annotations

import time

from sqlalchemy import Engine

from ingest.store import tokens
from ingest.store.tokens import Token
from ingest.store.transactions import reading

_TRUSTED_SECONDS = 3.0  # a revoked token is refused after so long, at the latest
_MOST = 1000  # tokens remembered


class Gate:
    """Knows valid tokens for a moment, by their hashes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._seen: dict[str, tuple[float, Token]] = {}

    def find(self, given: str) -> Token | None:
        """The token if it is valid.  Raises Unavailable."""
        key = tokens.hash_of(given)
        until, token = self._seen.get(key, (0.0, None))
        if token is None or until < time.monotonic():
            with reading(self._engine) as connection:
                token = tokens.find(connection, given)
            if token:
                if len(self._seen) >= _MOST:
                    self._seen.clear()
                self._seen[key] = time.monotonic() + _TRUSTED_SECONDS, token
        return token if token and token.is_valid else None
