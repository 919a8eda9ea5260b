"""Responses in a WARC file, so that a crawl can be cleaned again years later, by anybody's tools."""

from __future__ import annotations

import gzip
import io
import re
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from threading import Lock

from fastwarc.warc import WarcRecord, WarcRecordType
from scrapy.http import Response

# The body is as it was read: without the marks of its transfer, and unpacked.
_OF_TRANSFER = {b"transfer-encoding", b"content-encoding", b"content-length"}


class WarcFile:
    """One file of one crawl, made with the first response.  May be written to from several threads."""

    def __init__(self, folder: Path, source: str) -> None:
        at = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        self.path = folder / f"{re.sub(r'[^A-Za-z0-9.-]', '_', source)}-{at}.warc.gz"
        self._lock = Lock()

    def write(self, response: Response) -> None:
        """Each record is a member of its own, as the format asks: a file that is cut off loses the last one alone."""
        head = [f"HTTP/1.1 {response.status} {_phrase(response.status)}".encode()]
        for name, values in response.headers.items():
            if name.lower() not in _OF_TRANSFER:
                head += [name + b": " + value for value in values]
        head.append(b"Content-Length: %d" % len(response.body))
        record = WarcRecord()
        record.init_headers(WarcRecordType.response)
        record.headers.append("WARC-Target-URI", response.url)
        record.headers["Content-Type"] = "application/http; msgtype=response"
        record.set_bytes_content(b"\r\n".join(head) + b"\r\n\r\n" + response.body)
        written = io.BytesIO()
        record.write(written)
        member = gzip.compress(written.getvalue(), mtime=0)
        with self._lock:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(member)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
