"""What a response says: of itself for the store, and of its failure for the counts."""

from __future__ import annotations

from scrapy.exceptions import DownloadCancelledError, IgnoreRequest, StopDownload
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError

from ingest.crawl.counts import Count
from ingest.crawl.handler import Refused
from ingest.store.addresses import Answer


def reason_of(error: BaseException | None) -> tuple[Count, int | None]:
    if isinstance(error, Refused):
        return error.reason, None
    if isinstance(error, HttpError):
        status = error.response.status
        return ("client_errors" if status < 500 else "server_errors"), status
    if isinstance(error, StopDownload):
        return "media_type", None
    if isinstance(error, (DownloadCancelledError, IgnoreRequest)):  # at the limit, as it came or unpacked
        return ("client_errors" if "redirections" in str(error) else "too_large"), None
    return "lost", None


def why_of(error: BaseException | None, reason: Count) -> str:
    """For people; no address stands in it, for that may hold a secret."""
    if isinstance(error, Refused):
        return str(error)
    return f"{reason} ({type(error).__name__})"


def media_type_of(header: bytes | None) -> str:
    return (header or b"").decode("latin-1").partition(";")[0].strip().lower()


def answer_of(response: Response) -> Answer:
    def said(name: str) -> str | None:
        value = response.headers.get(name)
        return value.decode("latin-1") if value else None

    headers = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    ]
    return Answer(response.url, response.status, said("ETag"), said("Last-Modified"), headers)
