"""How much memory bodies may take: one, and all together."""

from __future__ import annotations

from ingest.api.problems import BUSY, Problem
from ingest.settings import Settings

_AROUND_PARTS = 1_000_000  # bytes of names, headers and fields in a multipart body


def most_bytes(settings: Settings) -> int:
    """Of one request's body."""
    return settings.payload_bytes + _AROUND_PARTS


class Room:
    """Counts the bytes that are held.  For the event loop's thread alone, so it needs no lock.

    Who finds no room is sent away: who waited would keep what he has, and so nobody might ever get on.
    """

    def __init__(self, size: int) -> None:
        self._free = size

    def take(self, amount: int) -> None:
        """Raises Problem where there is not so much left."""
        if amount > self._free:
            detail = "this server holds as many bytes as it may: send the same again in a while"
            raise Problem(BUSY, detail, {"Retry-After": "2"})
        self._free -= amount

    def give_back(self, amount: int) -> None:
        self._free += amount
