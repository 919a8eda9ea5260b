"""Mail: a message in a file, or many in a mailbox (mbox, RFC 4155)."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.message import Message
from typing import BinaryIO

from ingest.errors import UnusableDump
from ingest.model import Dump
from ingest.readers.container import Container
from ingest.readers.streams import bounded_line

_AROUND = (
    2  # times as long as its text a message may be: base64 takes a third more, and there are attachments
)
_BESIDE = 1 << 20  # bytes
_LONGEST_LINE = 1 << 20  # bytes read at once
# Bytes of a header that says what a part is.  The library's time for one grows with the square of its length.
_LONGEST_HEADER = 8192
_HEADER = re.compile(rb"^content-[a-z-]{1,40}[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", re.I | re.M)


def mail_dumps(stream: BinaryIO, at: Container) -> Iterator[Dump]:
    """One dump: the HTML of the message, or else its plain text.  Attachments are spared."""
    limit = _limit(at)
    raw = stream.read(limit + 1)
    yield at.too_large(None) if len(raw) > limit else _dump_of(raw, at, at.name)


def mbox_messages(stream: BinaryIO, at: Container) -> Iterator[Dump]:
    """A dump for each message, by its number.

    A message begins at a line "From " after a blank line.  Raises UnusableDump where the file begins otherwise.
    """
    limit = _limit(at)
    message, size, number, blank = bytearray(), 0, 0, True
    while line := bounded_line(stream, _LONGEST_LINE)[0]:
        if blank and line.startswith(b"From "):
            if number:
                yield _message(message, size, at, number)
            message, size, number = bytearray(), 0, number + 1
        elif not number and line.strip():
            raise UnusableDump("unreadable", "no mailbox: its first line does not begin with 'From '")
        else:
            size += len(line)
            if size <= limit:
                message += line
        blank = not line.strip()
    if number:
        yield _message(message, size, at, number)


def _message(raw: bytearray, size: int, at: Container, number: int) -> Dump:
    limit = _limit(at)
    name = at.row(number)
    if raw.endswith(b"\n"):  # the blank line before the next message is not this one's
        del raw[-2 if raw.endswith(b"\r\n") else -1 :]
    return at.too_large(size, name=name) if size > limit else _dump_of(bytes(raw), at, name)


def _limit(at: Container) -> int:
    return _AROUND * at.payload_bytes + _BESIDE


def _dump_of(raw: bytes, at: Container, name: str) -> Dump:
    longest = max((found.end() - found.start() for found in _HEADER.finditer(raw)), default=0)
    if longest > _LONGEST_HEADER:
        what = f"a mail with a header of {longest} bytes, and the limit is {_LONGEST_HEADER}: save its text as a file"
        return at.fault("unreadable", what, name=name)
    try:
        return _body(email.message_from_bytes(raw), at, name)
    # The library promises to raise nothing of its own; on hostile headers and nesting it raises these.
    except (MessageError, LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
        what = f"a mail that cannot be read ({type(error).__name__}: {error}): save its text as a file"
        return at.fault("unreadable", what[:300], name=name)


def _body(message: Message, at: Container, name: str) -> Dump:
    parts = [part for part in message.walk() if part.get_content_disposition() != "attachment"]
    for wanted in ("text/html", "text/plain"):
        for part in parts:
            if part.get_content_type() != wanted or part.is_multipart():
                continue
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes) and payload.strip():
                charset = part.get_content_charset()
                media_type = f"{wanted}; charset={charset}" if charset else wanted
                return at.dump(payload, name=name, media_type=media_type)
    return at.fault("empty", "a mail without text: only attachments, or nothing at all", name=name)
