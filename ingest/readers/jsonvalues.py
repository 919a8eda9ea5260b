"""Where the values in a JSON file begin and end, found in one pass without parsing them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.errors import UnusableDump
from ingest.readers.streams import CHUNK, Readable

_OUTSIDE, _INSIDE = re.compile(rb'["\[\]{},]'), re.compile(rb'["\\]')
_BOM = b"\xef\xbb\xbf"


def values_of(stream: Readable, limit: int) -> Iterator[bytes | None]:
    """The members of the list that the stream holds, else the objects in it one after the other; unparsed.

    None stands for one longer than `limit`.  Only strings and brackets are looked at: what is broken inside
    a value is for the parser to say.  Raises UnusableDump where the stream ends inside a value, or goes on
    after the list.
    """
    chunk = _beginning(stream)
    listed = chunk.startswith(b"[")
    home = 1 if listed else 0  # depth of brackets at which values are apart
    depth, at, quoted = home, home, False
    value = _Value(limit)
    while chunk:
        start = at
        while found := (_INSIDE if quoted else _OUTSIDE).search(chunk, at):
            at, mark = found.end(), found.group()
            if mark == b"\\":
                if at == len(chunk):
                    chunk += stream.read(1)
                at += 1  # what is escaped belongs to it
            elif mark == b'"':
                quoted = not quoted
            elif mark in (b"[", b"{"):
                depth += 1
            elif mark == b",":
                if depth == home:
                    yield from value.finished(chunk[start : at - 1])
                    start = at
            else:
                depth -= 1
                if depth < home:
                    yield from value.finished(chunk[start : at - 1])
                    if not listed or chunk[at:].strip() or stream.read(CHUNK).strip():
                        raise UnusableDump(
                            "unreadable", "JSON that goes on after its end: mend or split the file"
                        )
                    return
                if depth == 0:
                    yield from value.finished(chunk[start:at])
                    start = at
        value.add(chunk[start:])
        chunk, at = stream.read(CHUNK), 0
    if depth > 0 or quoted:
        raise UnusableDump("unreadable", "JSON that is cut off: get the file again")
    yield from value.finished(b"")


def _beginning(stream: Readable) -> bytes:
    chunk = stream.read(CHUNK).removeprefix(_BOM).lstrip()
    while not chunk and (more := stream.read(CHUNK)):
        chunk = more.lstrip()
    return chunk


class _Value:
    """The bytes of the value under way, as long as they are not too many."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = bytearray()
        self._too_long = False

    def add(self, data: bytes) -> None:
        self._too_long = self._too_long or len(self._held) + len(data) > self._limit
        if self._too_long:
            self._held.clear()
        else:
            self._held += data

    def finished(self, data: bytes) -> Iterator[bytes | None]:
        self.add(data)
        value, too_long = bytes(self._held).strip(), self._too_long
        self._held.clear()
        self._too_long = False
        if too_long:
            yield None
        elif value:
            yield value
