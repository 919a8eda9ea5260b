"""Following the documents of an API from Python, with nothing but urllib3.

from ingest.client import Feed

for change in Feed("http://127.0.0.1:8000", token, source="wire").follow("cursor"):
    if change.change == "retracted":
        drop(change.document_id)
    else:
        keep(change.document)
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import HTTPError

from ingest.errors import Unavailable, UsageError

_AGAIN = (429, 500, 502, 503, 504)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 30.0  # seconds; each as long again as the one before
_PATIENCE = 30.0  # seconds for an answer, beyond those that it is to wait for news


@dataclass(frozen=True, slots=True)
class Change:
    """The newest word on one document."""

    change: Literal["new", "revised", "retracted"]
    cursor: str  # to go on behind it
    document_id: str
    dump_id: str
    document: dict[str, Any] | None  # None where there is none to keep


@dataclass(frozen=True, slots=True)
class Page:
    changes: tuple[Change, ...]  # oldest first
    cursor: str
    more: bool  # whether to ask again at once


class Feed:
    """The change feed of one API.

    Raises UsageError for what the API refuses (token, cursor, filters), with its words; Unavailable where it cannot
    be reached, or is busy, for longer than `retries` attempts with growing pauses.
    """

    def __init__(self, url: str, token: str, *, retries: int = 10, **filters: str) -> None:
        """`filters`: source, language, role, status, published_from, published_to, q."""
        self._url, self._filters = f"{url.rstrip('/')}/v1/documents", filters
        self._pool = urllib3.PoolManager(
            headers={
                "Authorization": f"Bearer {token}",
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
            },
            retries=urllib3.Retry(
                total=retries,
                backoff_factor=_FIRST_PAUSE,
                backoff_max=_LONGEST_PAUSE,
                status_forcelist=_AGAIN,
                respect_retry_after_header=True,
                raise_on_status=False,
            ),
        )

    def page(self, cursor: str | None = None, *, wait: float = 0, limit: int = 100) -> Page:
        """What changed after the cursor.  `wait`: seconds for news to come, where there are none."""
        asked = {"limit": limit, "wait": wait, **self._filters, **({"cursor": cursor} if cursor else {})}
        try:
            answer = self._pool.request("GET", f"{self._url}?{urlencode(asked)}", timeout=wait + _PATIENCE)
        except HTTPError as error:
            raise Unavailable(f"{self._url} cannot be read now: {error}") from error
        if answer.status != 200:
            raise _refusal(answer.status, answer.data)
        body = answer.json()
        return Page(tuple(Change(**change) for change in body["changes"]), body["cursor"], body["more"])

    def follow(self, cursor_file: str | os.PathLike[str], *, wait: float | None = 30.0) -> Iterator[Change]:
        """All changes from the remembered cursor on, for ever; with `wait=None` until there are no more.

        A page is remembered when the next change is asked for after its last: so one that was being worked on when
        the process died comes again, and none is missed.  Working on a change twice must do what once does; who
        cannot, keeps `change.cursor` with his own data and asks for pages.
        """
        file = Path(cursor_file)
        cursor = file.read_text(encoding="ascii").strip() if file.exists() else None
        while True:
            page = self.page(cursor, wait=wait or 0)
            yield from page.changes
            if page.cursor != cursor:
                cursor = page.cursor
                _remember(file, cursor)
            if wait is None and not page.more:
                return

    def close(self) -> None:
        self._pool.clear()


def _remember(file: Path, cursor: str) -> None:
    """The file holds this cursor or the one before, whenever we die."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as fresh:
            fresh.write(f"{cursor}\n")
            fresh.flush()
            os.fsync(fresh.fileno())
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _refusal(status: int, body: bytes) -> UsageError | Unavailable:
    try:
        detail = json.loads(body)["detail"]
    except (ValueError, KeyError, TypeError):
        detail = "with no word of why"
    kind = Unavailable if status in _AGAIN else UsageError
    return kind(f"the API answered {status}: {detail}")
