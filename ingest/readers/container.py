"""What is being read at the moment, and the dumps that it gives."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import BinaryIO

from ingest.errors import UnusableDump
from ingest.model import Dump
from ingest.readers.budget import Budget
from ingest.settings import Containers

STDIN = "-"
DEEPEST = 1  # a container may lie in a container; one more level is not opened
_CHUNK = 1 << 20  # bytes hashed at once of a file that is too large to hold
_HTML = frozenset({".html", ".htm", ".xhtml"})
# Characters, so that a sighting fits into an index row of any database; longer names are cut in the middle,
# longer urls left out.
_LONGEST_NAME, _LONGEST_URL = 300, 1500
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_ROW_ID = re.compile(r"(:\d+) \(id .*\)$", re.S)


@dataclass(frozen=True, slots=True)
class Container:
    """A file, or a member of one, on its way to be a dump or several."""

    name: str
    source: str | None
    payload_bytes: int
    limits: Containers
    budget: Budget
    source_given: bool = False  # by the caller: then no container knows better
    depth: int = 0  # containers around this one

    def member(self, inner: str) -> Container:
        return replace(self, name=f"{self.name}!{shown(inner)}", depth=self.depth + 1)

    def row(self, number: int, key: object = None) -> str:
        """The name of a line, row, record or message; `key` is its id, if it has one."""
        known = isinstance(key, str | int) and str(key).strip()
        return (
            f"{self.name}:{number} (id {shown(str(key).strip(), 200)})" if known else f"{self.name}:{number}"
        )

    def dump(
        self,
        payload: bytes,
        *,
        name: str | None = None,
        source: str | None = None,
        url: str | None = None,
        media_type: str | None = None,
    ) -> Dump:
        """A dump of these bytes; more than `payload_bytes` of them are a fault."""
        if len(payload) > self.payload_bytes:
            return self.too_large(len(payload), name=name)
        own = source and not self.source_given
        return Dump(
            hashlib.sha256(payload).hexdigest(),
            payload,
            name or self.name,
            shown(source, 200) if source and own else self.source,
            url if url and len(url) <= _LONGEST_URL and not _UNPRINTABLE.search(url) else None,
            media_type or html_by_name(self.name),
            len(payload),
        )

    def whole(self, file: BinaryIO, *, to_the_end: bool) -> Dump:
        """All that is in the stream, as one dump.

        One over the limit is hashed piece by piece to its end, so that its dump_id is the usual one; or else
        (it may be a bomb) it is left there, and gets the id of `stand_in_id`.
        """
        payload = file.read(self.payload_bytes + 1)
        if len(payload) <= self.payload_bytes:
            return self.dump(payload)
        if not to_the_end:
            return self.too_large(None)
        digest, size = hashlib.sha256(payload), len(payload)
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
        return replace(self.too_large(size), dump_id=digest.hexdigest())

    def too_large(self, size: int | None, *, name: str | None = None) -> Dump:
        """`size` None: nobody counted how much there is beyond the limit."""
        limit = self.payload_bytes
        many = f"{size} bytes, and the limit is {limit}" if size else f"more than the limit of {limit} bytes"
        return self.fault(
            "too-large", f"{many}: split it, or raise payload_bytes", name=name, size=size or limit + 1
        )

    def fault(self, reason: str, message: str, *, name: str | None = None, size: int = 0) -> Dump:
        """A dump without bytes, with the reason and what to do."""
        name = name or self.name
        return Dump(stand_in_id(name), None, name, self.source, size=size, fault=(reason, message))

    def failed(self, error: UnusableDump, *, name: str | None = None) -> Dump:
        return self.fault(error.reason, error.message, name=name)


def stand_in_id(name: str) -> str:
    """The dump_id of something without readable bytes: sha256 of a marker and its absolute path, in hex.

    What follows a "!" is a member's name, and no path: "a.zip!../x" is not the file "x".  The id that a row
    knows of itself does not count, for a broken row knows none.
    """
    outer, mark, inner = _ROW_ID.sub(r"\1", name).partition("!")
    path = outer if outer.partition(":")[0] == STDIN or "://" in outer else os.path.abspath(outer)
    whole = (path + mark + inner).encode("utf-8", "surrogateescape")
    return hashlib.sha256(b"ingest: unreadable\x00" + whole).hexdigest()


def html_by_name(name: str) -> str | None:
    """The media type where the ending of the name says HTML."""
    return "text/html" if PurePosixPath(name).suffix.lower() in _HTML else None


def shown(text: str, longest: int = _LONGEST_NAME) -> str:
    """A name as text that can be stored and printed, and that stays different from others."""
    text = _UNPRINTABLE.sub(lambda found: f"\\x{ord(found.group()):02x}", text)
    if len(text) <= longest:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    half = longest // 2 - 12
    return f"{text[:half]}…{digest}…{text[-half:]}"
