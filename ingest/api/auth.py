"""Who calls, and whether the token allows it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from ingest.api.problems import FORBIDDEN, UNAUTHORIZED, Problem
from ingest.api.service import ServiceOf
from ingest.store import tokens
from ingest.store.tokens import Token

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description=f"A token that `ingest tokens create` printed. Scopes: {', '.join(tokens.SCOPES)}; admin has them all.",
)


def _caller(
    service: ServiceOf,
    scopes: SecurityScopes,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Token:
    """The caller's token, which has one of the scopes."""
    if credentials is None:
        detail = "send the header Authorization: Bearer TOKEN; ingest tokens create makes a token"
        raise Problem(UNAUTHORIZED, detail, _challenge())
    token = service.gate.find(credentials.credentials)
    if token is None:
        detail = "this token is unknown, expired or revoked; ingest tokens create makes another"
        raise Problem(UNAUTHORIZED, detail, _challenge('error="invalid_token"'))
    if not any(map(token.allows, scopes.scopes)):
        wanted = " or ".join(scopes.scopes)
        challenge = _challenge('error="insufficient_scope"', f'scope="{" ".join(scopes.scopes)}"')
        raise Problem(FORBIDDEN, f"this needs a token with the scope {wanted}", challenge)
    return token


def _challenge(*more: str) -> dict[str, str]:
    return {"WWW-Authenticate": ", ".join(['Bearer realm="ingest"', *more])}


MAY_READ = Security(_caller, scopes=["read"])
MAY_SEE = Security(_caller, scopes=["read", "review"])
MAY_RETRY = Security(_caller, scopes=["push", "review"])

PushToken = Annotated[Token, Security(_caller, scopes=["push"])]
StatusToken = Annotated[Token, Security(_caller, scopes=["push", "read"])]
