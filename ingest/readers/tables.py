"""Tables in text: CSV, TSV and the like."""

from __future__ import annotations

import codecs
import csv
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from ingest.errors import UnusableDump
from ingest.model import Dump
from ingest.readers.container import Container
from ingest.readers.fields import dump_of_fields
from ingest.readers.streams import bounded_line

_BOM = codecs.BOM_UTF8
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BESIDE = 1 << 16  # bytes of a line allowed beside the text


def csv_rows(stream: BinaryIO, at: Container) -> Iterator[Dump]:
    """A dump for each row under the header, named by the line on which it begins.

    The bytes of a field reach the dump as they are, whatever their encoding: to the parser every byte is a
    character.  Raises UnusableDump where the header is missing, or has no column of text.
    """
    lines = _Lines(stream, at.payload_bytes + _BESIDE)
    head = lines.first()
    if head.startswith(_WIDE):
        raise UnusableDump("unreadable", "a table in UTF-16: save it as UTF-8")
    reader = csv.reader(lines, delimiter=max("\t,;|", key=head.decode("latin-1").count))
    header: list[str] | None = None
    while True:
        start = lines.number + 1
        try:
            with _field_limit(at.payload_bytes):
                row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lines.cut = False
            reason = "too-large" if "field limit" in str(error) else "unreadable"
            message = f"{error}: is a quotation mark open?  Mend the row, or raise payload_bytes"
            yield at.fault(reason, message, name=at.row(start))
            continue
        if lines.cut:
            lines.cut = False
            yield at.too_large(None, name=at.row(start))
        elif header is None:
            header = [_utf8(name) for name in row]
            _check(header, at)
        elif row:
            yield dump_of_fields(at, start, _fields(header, row, at.limits.text_fields))


class _Lines(Iterator[str]):
    """The lines of a file as latin-1, counted; one over the limit is cut and says so."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream, self._limit = stream, limit
        self._first: bytes | None = None
        self.number = 0
        self.cut = False

    def first(self) -> bytes:
        line, whole = bounded_line(self._stream, self._limit)
        self._first = line.removeprefix(_BOM)
        self.cut = not whole
        return self._first

    def __next__(self) -> str:
        line, self._first = self._first, None
        if line is None:
            line, whole = bounded_line(self._stream, self._limit)
            self.cut = self.cut or not whole
        if not line:
            raise StopIteration
        self.number += 1
        return line.decode("latin-1")


def _fields(header: list[str], row: list[str], text_fields: Collection[str]) -> dict[str, object]:
    """Columns of text as the bytes that they are, the others as UTF-8."""
    texts = {name.casefold() for name in text_fields}
    return {
        name: value.encode("latin-1") if name.strip().casefold() in texts else _utf8(value)
        for name, value in zip(header, row, strict=False)
    }


def _utf8(value: str) -> str:
    return value.encode("latin-1").decode("utf-8", "replace")


def _check(header: list[str], at: Container) -> None:
    known = {name.casefold() for name in at.limits.text_fields}
    if not any(name.strip().casefold() in known for name in header):
        columns = ", ".join(repr(name[:40]) for name in header[:20])
        raise UnusableDump(
            "unreadable",
            f"a table with the columns {columns}, none of them {', '.join(at.limits.text_fields)}: "
            "name the one with the text in containers.text_fields",
        )


@contextmanager
def _field_limit(limit: int) -> Iterator[None]:
    """The module's limit, which is the whole process's, for as long as it takes."""
    before = csv.field_size_limit(min(limit, sys.maxsize))
    try:
        yield
    finally:
        csv.field_size_limit(before)
