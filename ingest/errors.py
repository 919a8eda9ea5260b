"""The two ways in which work on a dump ends without a result."""

from __future__ import annotations


class IngestError(Exception):
    """Base of this package's own errors."""


class UnusableDump(IngestError):
    """This dump will never give a result; trying again changes nothing.

    `reason` is a short code for counting (``empty``, ``binary``, ``undecodable``,
    ``too-large``, ``unreadable``, ``timeout``, ``crashed``, ``failed``); `message`
    is for people: what is wrong and what to do.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)  # both as args, so that it survives pickling by the pool
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}"


class Unavailable(IngestError):
    """Something outside the dump is missing (database, broker, disk); try later."""


class UsageError(IngestError):
    """What the caller asked for makes no sense (no such input, unknown id, bad setting)."""
