"""Answers that were read from the store: as JSON with an ETag, or as lines."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from pydantic_core import to_json

from ingest.export import json_line

NDJSON = "application/x-ndjson"
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The same as the ETag of If-None-Match says: nothing is sent."}
}


def json_answer(request: Request, body: Any) -> Response:
    """The body, or 304 where the client has it already."""
    return tagged(request, to_json(body), "application/json")


def tagged(
    request: Request, content: bytes, media_type: str, headers: dict[str, str] | None = None
) -> Response:
    # Weak: what is sent may be compressed on the way.
    tag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {
        **(headers or {}),
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept, Authorization",
    }
    known = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    if "*" in known or tag in known or tag.removeprefix("W/") in known:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media_type)


def wants_lines(request: Request) -> bool:
    return NDJSON in request.headers.get("accept", "")


def lines(rows: Iterable[dict[str, Any]]) -> Response:
    """One JSON object a line, sent as it is read."""
    headers = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}
    return StreamingResponse((json_line(row) + "\n" for row in rows), headers=headers, media_type=NDJSON)
