"""Streams over streams: a part of one, one with its beginning put back, one copied aside."""

from __future__ import annotations

import io
import tempfile
from typing import IO, BinaryIO, Protocol, cast

from ingest.errors import UnusableDump
from ingest.readers.budget import Budget

CHUNK = 1 << 16


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Raw(io.RawIOBase):
    """A raw stream whose subclasses say what the next bytes are; once unusable, always unusable."""

    _failure: UnusableDump | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._failure:
            raise self._failure
        try:
            data = self.some(len(buffer))
        except UnusableDump as error:
            self._failure = error
            raise
        buffer[: len(data)] = data
        return len(data)

    def some(self, size: int) -> bytes:
        """Between 1 and `size` bytes; none at the end."""
        raise NotImplementedError


class Prefixed(Raw):
    """A stream with its beginning, already read, put back; counts into the budget what comes through."""

    def __init__(self, head: bytes, source: Readable, budget: Budget | None = None) -> None:
        self._head, self._source, self._budget = head, source, budget

    def some(self, size: int) -> bytes:
        if self._head:
            data, self._head = self._head[:size], self._head[size:]
            return data
        data = self._source.read(size)
        if self._budget:
            self._budget.packed += len(data)
        return data


class Slice(Raw):
    """The next `size` bytes of a stream.  Raises UnusableDump where it ends before."""

    def __init__(self, source: Readable, size: int) -> None:
        self._source, self.left = source, size

    def some(self, size: int) -> bytes:
        if not self.left:
            return b""
        data = self._source.read(min(size, self.left))
        if not data:
            raise UnusableDump("unreadable", f"cut off: {self.left} bytes are missing; get the file again")
        self.left -= len(data)
        return data

    def skip(self) -> None:
        """Go to the end of the part."""
        while self.some(CHUNK):
            pass


def buffered(raw: io.RawIOBase) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(raw, CHUNK))


def skip(source: Readable, size: int) -> None:
    Slice(source, size).skip()


def seekable(source: BinaryIO, limit: int) -> IO[bytes]:
    """The stream itself if one can go back and forth in it, else a copy in a temporary file without a name.

    Raises UnusableDump past `limit` bytes.
    """
    if source.seekable():
        return source
    copy = tempfile.TemporaryFile()  # noqa: SIM115  (the caller closes it)
    try:
        while (chunk := source.read(1 << 20)) and copy.tell() <= limit:
            copy.write(chunk)
        if copy.tell() > limit:
            raise _too_large(limit)  # noqa: TRY301
    except BaseException:
        copy.close()
        raise
    copy.seek(0)
    return copy


def _too_large(limit: int) -> UnusableDump:
    return UnusableDump(
        "too-large",
        f"more than {limit} bytes, and this kind cannot be read in one pass: "
        "unpack it to a folder, or raise containers.spool_bytes",
    )


def bounded_line(source: BinaryIO, limit: int) -> tuple[bytes, bool]:
    """The next line with its end, and whether it is whole; of one over the limit the rest is passed over."""
    line = source.readline(limit + 1)
    if len(line) <= limit or line.endswith(b"\n"):
        return line, True
    while (more := source.readline(CHUNK)) and not more.endswith(b"\n"):
        pass
    return line, False
