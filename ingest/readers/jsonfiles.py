"""JSON Lines, and JSON files with a list of objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

from ingest.model import Dump
from ingest.readers.container import Container
from ingest.readers.feeds import is_json_feed, json_feed_dumps
from ingest.readers.fields import dump_of_fields
from ingest.readers.jsonvalues import values_of
from ingest.readers.streams import bounded_line

_ESCAPED = 3  # times as long as its text a line may be: JSON writes a Cyrillic letter's 2 bytes in 6
_BESIDE = 1 << 16  # bytes allowed for all that stands beside the text
_BOM = b"\xef\xbb\xbf"


def json_lines(stream: BinaryIO, at: Container) -> Iterator[Dump]:
    """A dump for each line that is not blank; a broken line is a dump with a fault."""
    limit = _ESCAPED * at.payload_bytes + _BESIDE
    number = 0
    while True:
        line, whole = bounded_line(stream, limit)
        if not line:
            return
        number += 1
        if not whole:
            yield at.too_large(None, name=at.row(number))
        elif stripped := (line.removeprefix(_BOM) if number == 1 else line).strip():
            yield from _dumps(stripped, at, number)


def json_values(stream: BinaryIO, at: Container) -> Iterator[Dump]:
    """A dump for each object of the list that the file holds, or of the objects one after the other in it."""
    for number, value in enumerate(values_of(stream, _ESCAPED * at.payload_bytes + _BESIDE), 1):
        if value is None:
            yield at.too_large(None, name=at.row(number))
        else:
            yield from _dumps(value, at, number)


def _dumps(text: bytes, at: Container, number: int) -> Iterator[Dump]:
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        what = "nested too deep" if isinstance(error, RecursionError) else str(error)
        yield at.fault("unreadable", f"broken JSON ({what}): mend or drop this line", name=at.row(number))
        return
    if is_json_feed(value):
        yield from json_feed_dumps(value, at)
    elif isinstance(value, dict):
        yield dump_of_fields(at, number, value)
    else:
        message = f"JSON, but no object with fields ({type(value).__name__}): each dump is to be an object"
        yield at.fault("unreadable", message, name=at.row(number))
