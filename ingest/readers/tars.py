"""tar archives, in one pass.

`tarfile` takes a damaged header for the end of the archive and reads extended headers of any size; so the
walk is here, and `tarfile` reads single headers.  Formats: POSIX pax and ustar, GNU, v7.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import BinaryIO

from ingest.errors import UnusableDump
from ingest.readers.archive import Member, Members, is_hidden
from ingest.readers.streams import CHUNK, Slice, buffered, skip

_BLOCK = tarfile.BLOCKSIZE
_LONGEST_HEADER = 1 << 20  # bytes of extended header: names and attributes
_PAX = {tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE}
_FILES = {tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE}
_NO_DATA = {
    tarfile.LNKTYPE,
    tarfile.SYMTYPE,
    tarfile.CHRTYPE,
    tarfile.BLKTYPE,
    tarfile.FIFOTYPE,
    tarfile.DIRTYPE,
}


def tar_members(stream: BinaryIO) -> Members:
    """The files of a tar in their order.  Raises UnusableDump where the archive is damaged or cut off."""
    for info, sparse in _headers(stream):
        size = 0 if info.type in _NO_DATA else info.size
        data = Slice(stream, size)
        if info.isdir() or is_hidden(info.name):
            pass
        elif sparse:
            message = "a sparse file, which is not read: pack it without --sparse"
            yield Member(info.name, None, info.size, UnusableDump("unreadable", message))
        elif info.type in _FILES:
            yield Member(info.name, buffered(data), info.size)
        else:
            message = "no regular file (a link or a device), which is not followed: pack the file itself"
            yield Member(info.name, None, info.size, UnusableDump("unsafe", message))
        data.skip()
        skip(stream, -size % _BLOCK)


def _headers(stream: BinaryIO) -> Iterator[tuple[tarfile.TarInfo, bool]]:
    """Every member's header with what extended headers before it say, and whether its file is sparse."""
    said: dict[str, str] = {}
    while True:
        block = stream.read(_BLOCK)
        if not any(block):  # the mark of the end, or a packer that leaves it out
            while rest := stream.read(CHUNK):  # so that damage is noticed, and other archives behind it
                if any(rest):
                    raise _damaged("something follows its end")
            return
        try:
            info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except (tarfile.HeaderError, ValueError) as error:
            raise _damaged(str(error)) from error
        if info.size < 0:
            raise _damaged("a size below zero")
        if info.type in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK):
            text = _extended(stream, info.size).rstrip(b"\x00").decode("utf-8", "surrogateescape")
            said |= {"path": text} if info.type == tarfile.GNUTYPE_LONGNAME else {}
        elif info.type in _PAX:
            said |= _pax(_extended(stream, info.size))
        elif info.type == tarfile.XGLTYPE:
            _extended(stream, info.size)
        else:
            sparse = info.type == tarfile.GNUTYPE_SPARSE or any(key.startswith("GNU.sparse") for key in said)
            if info.type == tarfile.GNUTYPE_SPARSE:
                _pass_over_map(stream, block)
            info.name = said.get("path", info.name)
            if (size := said.get("size")) is not None:
                if not size.isascii() or not size.isdecimal() or len(size) > 20:
                    raise _damaged("a size that is no number")
                info.size = int(size)
            said = {}
            yield info, sparse


def _extended(stream: BinaryIO, size: int) -> bytes:
    if size > _LONGEST_HEADER:
        raise _damaged(f"a header of {size} bytes, and the limit is {_LONGEST_HEADER}")
    data = stream.read(size)
    if len(data) < size:
        raise _damaged("cut off in a header")
    skip(stream, -size % _BLOCK)
    return data


def _pax(data: bytes) -> dict[str, str]:
    """Records "LENGTH KEY=VALUE\\n" (POSIX.1-2001, pax)."""
    found: dict[str, str] = {}
    at = 0
    while at < len(data) and data[at]:
        length, _, _ = data[at : at + 20].partition(b" ")
        if not length.isdigit() or not len(length) < int(length) <= len(data) - at:
            raise _damaged("a broken extended header")
        key, _, value = data[at + len(length) + 1 : at + int(length) - 1].partition(b"=")
        found[key.decode("utf-8", "replace")] = value.decode("utf-8", "surrogateescape")
        at += int(length)
    return found


def _pass_over_map(stream: BinaryIO, header: bytes) -> None:
    """An old GNU sparse file's map may go on in blocks of its own."""
    more = header[482]
    while more:
        block = stream.read(_BLOCK)
        if len(block) < _BLOCK:
            raise _damaged("cut off in a header")
        more = block[504]


def _damaged(what: str) -> UnusableDump:
    return UnusableDump(
        "unreadable", f"damaged tar archive ({what}): get the file again; what comes after is lost"
    )
