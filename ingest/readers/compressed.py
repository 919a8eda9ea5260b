"""gzip, bzip2, xz, Zstandard and Brotli, unpacked piece by piece."""

from __future__ import annotations

import bz2
import lzma
import sys
import zlib
from typing import Literal, Protocol

import brotli

from ingest.errors import UnusableDump
from ingest.readers.budget import Budget
from ingest.readers.streams import CHUNK, Raw, Readable

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Compression = Literal["gzip", "bzip2", "xz", "zstd", "deflate", "raw-deflate", "brotli"]

_XZ_MEMORY = 1 << 27  # bytes; xz -9 needs half of it
_ZSTD_WINDOW = 27  # binary logarithm of bytes: what zstd itself takes without being asked for more
_BROKEN = (zlib.error, lzma.LZMAError, zstd.ZstdError, brotli.error, OSError, EOFError, ValueError)


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class Unpacked(Raw):
    """What a compressed stream holds; streams that follow each other in it are one.

    Raises UnusableDump where it is damaged, cut off or followed by something else, and Exhausted.
    """

    def __init__(self, source: Readable, compression: Compression, budget: Budget) -> None:
        self._source, self._compression, self._budget = source, compression, budget
        self._decompressor = _decompressor(compression)
        self._waiting = b""  # packed bytes that the decompressor has not seen
        self._ended = False

    def some(self, size: int) -> bytes:
        while not self._ended:
            if self._decompressor.eof:
                self._next_stream()
                continue
            if self._decompressor.needs_input and not self._waiting:
                self._waiting = self._source.read(CHUNK)
                if not self._waiting:
                    raise UnusableDump(
                        "unreadable", f"{self._compression} data that is cut off: get the file again"
                    )
            given, self._waiting = self._waiting, b""
            try:
                data = self._decompressor.decompress(given, size)
            except _BROKEN as error:
                raise self._damaged(str(error)) from error
            if data:
                self._budget.spend(len(data))
                return data
        return b""

    def _next_stream(self) -> None:
        rest = self._decompressor.unused_data
        # Tapes and xz pad with NULs.
        while not (rest := rest.lstrip(b"\x00")):
            rest = self._source.read(CHUNK)
            if not rest:
                self._ended = True
                return
        if self._compression in ("deflate", "raw-deflate", "brotli"):
            raise self._damaged("something follows its end")
        self._waiting = rest
        self._decompressor = _decompressor(self._compression)

    def _damaged(self, what: str) -> UnusableDump:
        return UnusableDump("unreadable", f"damaged {self._compression} data ({what}): get the file again")


class _Zlib:
    """zlib's object in the manner of the others."""

    def __init__(self, window: int) -> None:
        self._object = zlib.decompressobj(window)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def needs_input(self) -> bool:
        return not self._full and not self._object.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        made = self._object.decompress(self._object.unconsumed_tail + data, max_length)
        self._full = len(made) == max_length  # more may be made of what it holds
        return made


class _Brotli:
    """Brotli's object in the manner of the others."""

    unused_data = b""

    def __init__(self) -> None:
        self._object = brotli.Decompressor()
        self._made = b""  # the library rounds the limit up to a block: what is beyond it

    @property
    def eof(self) -> bool:
        return not self._made and bool(self._object.is_finished())

    @property
    def needs_input(self) -> bool:
        return not self._made and bool(self._object.can_accept_more_data())

    def decompress(self, data: bytes, max_length: int) -> bytes:
        if not self._made:
            self._made = self._object.process(data, output_buffer_limit=max_length)
        made, self._made = self._made[:max_length], self._made[max_length:]
        return made


def _decompressor(compression: Compression) -> _Decompressor:
    match compression:
        case "gzip":
            return _Zlib(16 + zlib.MAX_WBITS)
        case "deflate":
            return _Zlib(zlib.MAX_WBITS)
        case "raw-deflate":
            return _Zlib(-zlib.MAX_WBITS)
        case "bzip2":
            return bz2.BZ2Decompressor()
        case "xz":
            return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
        case "zstd":
            options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW}
            return zstd.ZstdDecompressor(options=options)
        case "brotli":
            return _Brotli()
