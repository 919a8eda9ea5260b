"""Cursors of the feed as consumers see them: opaque, and with a check, so that a cut or invented one is told.

A cursor opens nothing: what it leads to, somebody else allows or not.  So the check need not be a secret.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from ingest.errors import UsageError

_CHECK = 7  # bytes: 15 with the number, which base64 writes without padding


def written(number: int) -> str:
    """The cursor of a number in the feed."""
    raw = number.to_bytes(8, "big")
    return base64.urlsafe_b64encode(raw + _check(raw)).decode()


def read(cursor: str | None, newest: int) -> int:
    """The number; 0 without a cursor.  Raises UsageError for one that this store did not give."""
    if cursor is None:
        return 0
    try:
        whole = base64.b64decode(cursor.encode(), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise _refused() from error
    raw, check = whole[:8], whole[8:]
    number = int.from_bytes(raw, "big")
    if check != _check(raw) or written(number) != cursor:
        raise _refused()
    if number > newest:
        raise UsageError(
            "this cursor is ahead of the store, which is another or an older copy: begin without one"
        )
    return number


def _check(raw: bytes) -> bytes:
    return hashlib.blake2b(raw, digest_size=_CHECK, key=b"ingest feed").digest()


def _refused() -> UsageError:
    return UsageError("this is no cursor of ours: give one as an answer gave it, or none to begin")
