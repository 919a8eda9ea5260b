"""zip archives."""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from typing import IO

from ingest.errors import UnusableDump
from ingest.readers.archive import Member, Members, is_hidden
from ingest.readers.budget import Budget
from ingest.readers.streams import Raw, buffered

# `zipfile` holds the directory in memory: about ten times as much as on disk.
_DIRECTORY = 32_000_000  # bytes
# bzip2 and LZMA in a zip are unpacked without a limit on what comes out: so little goes in.
_PIECE = 4096  # bytes

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


def zip_members(file: IO[bytes], budget: Budget) -> Members:
    """The files of a zip in the order of its directory.  Raises UnusableDump where that cannot be read."""
    try:
        archive = zipfile.ZipFile(_Bounded(file))
    except (*_BROKEN, OSError) as error:
        raise UnusableDump(
            "unreadable", f"no zip archive that can be read ({error}): get the file again"
        ) from error
    with archive:
        for info in archive.infolist():
            name = _name(info)
            if info.is_dir() or is_hidden(name):
                continue
            yield _member(archive, info, name, budget)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, budget: Budget) -> Member:
    mode = info.external_attr >> 16
    if info.flag_bits & 1:
        message = "encrypted, and there is no password for it: unpack the archive to a folder"
        return Member(name, None, info.file_size, UnusableDump("encrypted", message))
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        message = "no regular file (a link or a device), which is not followed: pack the file itself"
        return Member(name, None, info.file_size, UnusableDump("unsafe", message))
    try:
        stream = archive.open(info)
    except (*_BROKEN, OSError) as error:
        return Member(name, None, info.file_size, _damaged(error))
    piece = 1 << 16 if info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) else _PIECE
    return Member(name, buffered(_Unzipped(stream, piece, budget)), info.file_size)


class _Unzipped(Raw):
    def __init__(self, source: IO[bytes], piece: int, budget: Budget) -> None:
        self._source, self._piece, self._budget = source, piece, budget

    def some(self, size: int) -> bytes:
        try:
            data: bytes = self._source.read1(min(size, self._piece))  # type: ignore[attr-defined]
        except (*_BROKEN, OSError) as error:
            raise _damaged(error) from error
        self._budget.spend(len(data))
        return data

    def close(self) -> None:
        self._source.close()
        super().close()


class _Bounded:
    """A file of which nothing is read in one piece that would fill the memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > _DIRECTORY:
            raise zipfile.BadZipFile(f"a directory of {size} bytes, and the limit is {_DIRECTORY}")
        return self._file.read(size)


def _name(info: zipfile.ZipInfo) -> str:
    """UTF-8 that does not say so, as many packers write it, was read as code page 437."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _damaged(error: Exception) -> UnusableDump:
    return UnusableDump(
        "unreadable", f"cannot be unpacked ({error or type(error).__name__}): get the archive again"
    )
