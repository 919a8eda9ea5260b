"""The dumps in a request's body: the whole of it, or the files of a form; read no further than allowed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from io import BytesIO
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from ingest.api.origin import Fields, fields_of, invalid, media_type_of
from ingest.api.problems import EMPTY, ENCODED, MALFORMED, TOO_LARGE, Problem
from ingest.api.room import Room, most_bytes
from ingest.api.service import ServiceOf
from ingest.readers.container import shown

PAGE = (
    "<html><body><h1>The bridge is closed</h1><p>The old bridge …</p></body></html>"  # the example of a dump
)

_MOST_PARTS = 1000
_MOST_FIELDS, _FIELD_BYTES = 10, 10_000  # beside the files


@dataclass(frozen=True, slots=True)
class Part:
    """One dump as it came."""

    payload: bytes
    name: str | None
    media_type: str | None


@dataclass(frozen=True, slots=True)
class Body:
    parts: tuple[Part, ...]
    fields: Fields = field(default_factory=Fields)


async def _body_of(request: Request, service: ServiceOf) -> AsyncIterator[Body]:
    """What was sent: at least one part, none of them empty or over the limit.

    Its bytes count as held until the answer is sent.  Raises Problem, RequestValidationError.
    """
    limit = service.settings.payload_bytes
    kind = request.headers.get("content-type", "")
    is_form = kind.partition(";")[0].strip().lower() == "multipart/form-data"
    most = most_bytes(service.settings) if is_form else limit
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        detail = "send the bytes of the dump without Content-Encoding; what is compressed, ingest push opens"
        raise Problem(ENCODED, detail, {"Accept-Encoding": "identity"})
    if int(request.headers.get("content-length", 0)) > most:
        raise _too_large("the body", most)
    held = _Held(service.room, most)
    try:
        async with aclosing(held.stream(request)) as stream:
            yield await _form(request, stream, limit) if is_form else await _whole(kind, stream)
    finally:
        held.let_go()


BodyOf = Annotated[Body, Depends(_body_of)]


class _Held:
    """What was read of a body, counted."""

    def __init__(self, room: Room, most: int) -> None:
        self._room, self._most, self._size = room, most, 0

    async def stream(self, request: Request) -> AsyncGenerator[bytes, None]:
        async for chunk in request.stream():
            if self._size + len(chunk) > self._most:
                raise _too_large("the body", self._most)
            self._room.take(len(chunk))
            self._size += len(chunk)
            yield chunk

    def let_go(self) -> None:
        self._room.give_back(self._size)


async def _whole(kind: str, stream: AsyncIterator[bytes]) -> Body:
    media_type = media_type_of(kind)
    buffer = BytesIO()
    async for chunk in stream:
        buffer.write(chunk)
    payload = buffer.getvalue()  # which copies nothing: there are no two of it
    if not payload:
        raise Problem(EMPTY, "the body is empty: send the bytes of a dump")
    return Body((Part(payload, None, media_type),))


async def _form(request: Request, stream: AsyncGenerator[bytes, None], limit: int) -> Body:
    parser = MultiPartParser(
        request.headers,
        stream,
        max_files=_MOST_PARTS,
        max_fields=_MOST_FIELDS,
        max_part_size=_FIELD_BYTES,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise Problem(MALFORMED, f"the form cannot be read: {error.message}") from error
    except UnicodeError as error:  # of some charsets that it may claim
        raise Problem(MALFORMED, "the form cannot be read: its names are not in its charset") from error
    try:
        return await _read(form, limit)
    finally:
        await form.close()


async def _read(form: FormData, limit: int) -> Body:
    parts, fields = [], {}
    for name, value in form.multi_items():
        if name == "file" and isinstance(value, UploadFile):
            parts.append(await _part(value, limit))
        elif name == "file":
            raise invalid(name, "needs a file name, or it is text and no bytes (curl: --form file=@PATH)")
        elif isinstance(value, UploadFile):
            raise invalid(name, "no file is expected here: dumps come in parts with the name file")
        elif value:
            fields[name] = value
    if not parts:
        raise invalid("file", "missing: a form needs at least one part with this name")
    return Body(tuple(parts), fields_of(fields))


async def _part(file: UploadFile, limit: int) -> Part:
    known_as = f"the file {shown(file.filename or '', 100)!r}"
    if (file.size or 0) > limit:
        raise _too_large(known_as, limit)
    payload = await file.read()
    await file.close()  # now, or its bytes are held twice
    if not payload:
        raise Problem(EMPTY, f"{known_as} is empty")
    return Part(payload, file.filename, media_type_of(file.content_type))


def _too_large(what: str, limit: int) -> Problem:
    detail = f"{what} has more than {limit} bytes: send less at once, or have payload_bytes raised"
    return Problem(TOO_LARGE, detail)
