"""Who looks at the page: a cookie with a token, and proof that a form was ours."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Annotated

from fastapi import Depends, Form, Request, Response

from ingest.api.service import ServiceOf
from ingest.errors import UsageError
from ingest.store.tokens import Token

COOKIE = "ingest_review"
HOME = "/review"
_SALT = 8  # bytes


class NotSignedIn(Exception):
    """The page is for people with a token of scope review."""


class Session:
    """A person with a valid token."""

    def __init__(self, token: Token, secret: str) -> None:
        self.token, self._secret = token, secret

    @property
    def who(self) -> str:
        return self.token.token_id

    def seal(self) -> str:
        """What a form of this person carries: another each time, so that a compressed page betrays nothing."""
        salt = secrets.token_hex(_SALT)
        return salt + self._mac(salt)

    def knows(self, seal: str) -> bool:
        salt, mac = seal[: 2 * _SALT], seal[2 * _SALT :]
        return hmac.compare_digest(mac.encode(), self._mac(salt).encode())

    def check(self, seal: str) -> None:
        """Raises UsageError for a form that is not one of this person."""
        if not self.knows(seal):
            raise UsageError(
                "this form is not of this page, or you signed in anew meanwhile: go back and load it again"
            )

    def _mac(self, salt: str) -> str:
        return hmac.new(self._secret.encode(), f"form {salt}".encode(), hashlib.sha256).hexdigest()


def _session(request: Request, service: ServiceOf) -> Session:
    given = request.cookies.get(COOKIE, "")
    token = service.gate.find(given) if given else None
    if token is None or not token.allows("review"):
        raise NotSignedIn
    session = Session(token, given)
    request.state.session = session  # for the page that tells of an error
    return session


def _sealed(session: Annotated[Session, Depends(_session)], seal: Annotated[str, Form()] = "") -> Session:
    session.check(seal)
    return session


SessionOf = Annotated[Session, Depends(_session)]
SealedSession = Annotated[Session, Depends(_sealed)]


def sign_in(request: Request, response: Response, token: str) -> None:
    response.set_cookie(
        COOKIE, token, path=HOME, httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )


def sign_out(response: Response) -> None:
    response.delete_cookie(COOKIE, path=HOME, httponly=True, samesite="strict")
