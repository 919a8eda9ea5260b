"""What `ingest tokens` and `ingest api` do.  Every function returns the exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from ingest.cli import console
from ingest.cli.commands import DONE, settings_with
from ingest.cli.show import printable
from ingest.settings import Settings
from ingest.store import tokens
from ingest.store.opening import opened
from ingest.store.transactions import reading, writing

__all__ = ["api", "create", "list_tokens", "revoke", "settings_with"]

NOT_ALIVE = 1


def create(settings: Settings, scopes: Sequence[str], *, name: str, days: int | None) -> int:
    with opened(settings) as engine, writing(engine) as connection:
        token = tokens.create(connection, scopes, name=name, days=days)
    sys.stdout.write(token + "\n")
    return DONE


def list_tokens(settings: Settings, *, as_json: bool) -> int:
    with opened(settings) as engine, reading(engine) as connection:
        found = tokens.listed(connection)
    for token in found:
        if as_json:
            sys.stdout.write(json.dumps(asdict(token)) + "\n")
            continue
        until = f"revoked {token.revoked_at}" if token.revoked_at else token.expires_at or "until revoked"
        line = "\t".join((token.token_id, ",".join(token.scopes), until, token.name))
        sys.stdout.write(printable(line).replace("\n", " ") + "\n")
    return DONE


def revoke(settings: Settings, token_id: str) -> int:
    with opened(settings) as engine, writing(engine) as connection:
        token = tokens.revoke(connection, token_id)
    console.say(f"{token.token_id} is revoked")
    return DONE


def api(settings: Settings, *, check: bool) -> int:
    """Serve until stopped."""
    from ingest.api.serve import is_alive, run_api

    if check:
        return DONE if is_alive(settings) else NOT_ALIVE
    run_api(settings, console.say)
    return DONE
