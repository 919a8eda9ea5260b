"""WARC files, and WET files with the text of pages (ISO 28500).

The walk from record to record is here: it takes streams that cannot seek, notices what is cut off, and finds
the next record after a damaged one.  What is in a record, `webrecord` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ingest.errors import UnusableDump
from ingest.model import Dump
from ingest.readers.container import Container
from ingest.readers.streams import CHUNK, Slice
from ingest.readers.webrecord import dumps_of_record

_LONGEST_HEAD = 1 << 16  # bytes
_BESIDE = 1 << 20  # bytes of a record allowed beside its payload: HTTP headers, marks of chunks
_VERSION = re.compile(rb"WARC/[01]\.\d{1,2}\s*$")
_LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?$", re.I | re.M)
_WANTED = re.compile(rb"^warc-type[ \t]*:[ \t]*(?:response|resource|conversion)[ \t]*\r?$", re.I | re.M)


@dataclass(frozen=True, slots=True)
class _Framed:
    """A record as it stands in the file; its block only where it is wanted, `fault` where it is not whole."""

    head: bytes
    block: bytes
    fault: UnusableDump | None = None


def warc_records(stream: BinaryIO, at: Container) -> Iterator[Dump]:
    """A dump for each page or text: response with status 2xx, resource, conversion; by number in the file.

    Spared: other record types, other status codes, other media types (pictures, scripts).
    """
    for number, framed in enumerate(_framed(stream, at.payload_bytes + _BESIDE), 1):
        if framed.fault:
            yield at.failed(framed.fault, name=at.row(number))
        elif _WANTED.search(framed.head):
            yield from dumps_of_record(framed.head + framed.block + b"\r\n\r\n", at, number)


def _framed(stream: BinaryIO, limit: int) -> Iterator[_Framed]:
    line = stream.readline(_LONGEST_HEAD)
    while line:
        if not line.strip():
            line = stream.readline(_LONGEST_HEAD)
            continue
        if not _VERSION.match(line):
            yield _Framed(b"", b"", _damaged("no record where one should begin"))
            while line and not _VERSION.match(line):
                line = stream.readline(_LONGEST_HEAD)
            continue
        head, line = _head(line, stream)
        length = _LENGTH.search(head)
        if line.strip() or not length:
            yield _Framed(head, b"", _damaged("a record without its length"))
            continue
        size = int(length.group(1))
        data = Slice(stream, size)
        try:
            if not _WANTED.search(head):
                yield _Framed(head, b"")
            elif size > limit:
                message = f"a record of {size} bytes, and the limit is {limit}: raise payload_bytes"
                yield _Framed(head, b"", UnusableDump("too-large", message))
            else:
                block = bytearray()
                while data.left:
                    block += data.some(CHUNK)
                yield _Framed(head, bytes(block))
            data.skip()
        except UnusableDump as error:
            yield _Framed(head, b"", error)
            return
        line = stream.readline(_LONGEST_HEAD)


def _head(line: bytes, stream: BinaryIO) -> tuple[bytes, bytes]:
    """The header with the blank line that ends it, and that line; another line where it does not end."""
    head = bytearray(line)
    while (line := stream.readline(_LONGEST_HEAD)).strip() and not _VERSION.match(line):
        head += line
        if len(head) > _LONGEST_HEAD:
            break
    return bytes(head + b"\r\n"), line


def _damaged(what: str) -> UnusableDump:
    return UnusableDump("unreadable", f"damaged WARC file ({what}): get the file again")
