"""The page in one WARC record, as the server meant it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from ingest.errors import UnusableDump
from ingest.model import Dump
from ingest.readers.budget import Exhausted
from ingest.readers.compressed import Compression, Unpacked
from ingest.readers.container import Container
from ingest.readers.streams import buffered

_TEXTS = frozenset({"", "text/html", "application/xhtml+xml", "text/plain"})
_CHUNKED = re.compile(rb"[0-9a-fA-F]{1,8}[ \t]*(?:;[^\r\n]{0,200})?\r\n")
_ENCODINGS: dict[str, Compression] = {
    "gzip": "gzip",
    "x-gzip": "gzip",
    "deflate": "deflate",
    "br": "brotli",
    "zstd": "zstd",
}
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_MOST_ENCODINGS = 3  # one around the other


def dumps_of_record(raw: bytes, at: Container, number: int) -> Iterator[Dump]:
    """No dump or one: no page is what the server did not deliver (status), nor pictures, scripts and the like.

    Raises Exhausted.
    """
    name = at.row(number)
    try:
        record, body = _parsed(raw)
        if record is None or (record.record_type == WarcRecordType.response and not record.is_http):
            return
        headers = record.headers
        if record.is_http:
            headers = record.http_headers
            status = headers.status_code
            if status is None:
                raise _damaged("no HTTP status line")
            if not 200 <= status < 300:
                return
        media_type = (headers.get("Content-Type") or "").strip()
        if media_type.partition(";")[0].strip().lower() not in _TEXTS:
            return
        if record.is_http:
            body = _decoded(body, headers.get("Content-Encoding") or "", at)
        url = (record.headers.get("WARC-Target-URI") or "").strip().strip("<>")
        yield at.dump(body, name=name, url=url or None, media_type=media_type or None)
    except Exhausted:
        raise
    except UnusableDump as error:
        yield at.failed(error, name=name)
    except (OSError, ValueError) as error:
        yield at.failed(_damaged(str(error)), name=name)


def _parsed(raw: bytes) -> tuple[WarcRecord | None, bytes]:
    """The record and its payload, without the marks of chunked transfer."""
    for decode in ("transfer", "none"):
        records = ArchiveIterator(io.BytesIO(raw), parse_http=True, stream_detect=False, auto_decode=decode)
        record = None
        try:
            record = next(iter(records), None)
            return record, b"" if record is None else record.reader.read(len(raw))
        except OSError:
            # Archivers keep the header of what they have taken apart: such a body is plain.
            if record is None or decode == "none" or _CHUNKED.match(_after_heads(raw)):
                raise
    return None, b""


def _after_heads(raw: bytes) -> bytes:
    """What follows the record's header and the HTTP header in it."""
    return _HEAD_END.split(raw, 2)[-1][:256]


def _decoded(body: bytes, encodings: str, at: Container) -> bytes:
    """The body without its content encodings, at most one byte more than a dump may have.

    A body that begins like mark-up is none of theirs, whatever the header says.
    """
    named = [name.strip().lower() for name in encodings.split(",") if name.strip()]
    for name in reversed(named[:_MOST_ENCODINGS]):
        compression = _ENCODINGS.get(name)
        if name == "identity" or body.lstrip()[:1] == b"<":
            continue
        if compression is None or len(named) > _MOST_ENCODINGS:
            raise UnusableDump(
                "unreadable", f"the content encoding {encodings[:80]!r} is not known: decode it first"
            )
        if compression == "deflate" and not (body[:1] == b"\x78" and int.from_bytes(body[:2]) % 31 == 0):
            compression = "raw-deflate"  # as some servers understand the word
        body = buffered(Unpacked(io.BytesIO(body), compression, at.budget)).read(at.payload_bytes + 1)
    return body


def _damaged(what: str) -> UnusableDump:
    return UnusableDump("unreadable", f"damaged record ({what}): get the file again")
