"""Files, folders, glob patterns and standard input."""

from __future__ import annotations

import glob
import hashlib
import os
import stat
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ingest.errors import UsageError
from ingest.model import Dump

STDIN = "-"
_CHUNK = 1 << 20  # bytes hashed at once of a file that is too large to hold
_HTML = frozenset({".html", ".htm", ".xhtml"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where one dump is to be read; `path` is None for standard input."""

    path: Path | None
    name: str  # the path as the caller wrote it, printable
    source: str


def dumps_of(inputs: Sequence[str], *, source: str | None = None, payload_bytes: int) -> Iterator[Dump]:
    """The dumps of these inputs, read one at a time; see `places_of` and `dump_at`."""
    places = places_of(inputs, source=source)
    return (dump_at(place, payload_bytes) for place in places)


def places_of(
    inputs: Sequence[str], *, source: str | None = None, skip: Collection[Path] = ()
) -> list[Place]:
    """What the inputs name, in their order; a file that two of them name comes once.

    A folder is walked down to its last file, in the order of the names; hidden files and folders in it are
    spared, linked folders too (they may lead in circles).  A pattern is tried only where no file has just that
    name.  `source` is by default the name of the folder given, or of the folder that the file lies in.
    Files of `skip` (what the run itself writes) are left out.  Raises UsageError for an input that names
    nothing, or one of those.
    """
    spared = {os.path.abspath(path) for path in skip}
    found: dict[str, Place] = {}
    for given in inputs:
        if given != STDIN and os.path.abspath(given) in spared:
            raise UsageError(f"{given!r} is what this run writes: name another output")
        places = list(_places(given, source))
        if not places:
            raise UsageError(f"no such file, folder or pattern with a match: {given!r}{_hint(given)}")
        for place in places:
            key = STDIN if place.path is None else os.path.abspath(place.path)
            if key not in spared:
                found.setdefault(key, place)
    if not found:
        raise UsageError(f"nothing to read in {', '.join(inputs)} but what this run itself writes")
    return list(found.values())


def dump_at(place: Place, payload_bytes: int) -> Dump:
    """Read one dump.  What cannot be had has no payload and a fault, and never raises.

    A file of more than `payload_bytes` is hashed piece by piece, so that its `dump_id` is the usual one;
    an unreadable one gets the id of `stand_in_id`.
    """
    try:
        if place.path is None:
            return _read(sys.stdin.buffer, place, payload_bytes)
        # Ask before opening: opening a fifo waits for a writer, opening some devices acts on them.
        mode = place.path.stat().st_mode
        if stat.S_ISDIR(mode):
            return _unreadable(place, "a folder whose content may not be listed")
        if not stat.S_ISREG(mode):
            return _unreadable(place, "not a regular file (a pipe, a socket or a device)")
        with place.path.open("rb") as file:
            return _read(file, place, payload_bytes)
    except OSError as error:
        return _unreadable(place, f"{error.strerror or error}: check that the file exists and may be read")


def stand_in_id(name: str) -> str:
    """The dump_id of a file without readable bytes: sha256 of a marker and its absolute path, in hex."""
    path = name if name == STDIN else os.path.abspath(name)
    return hashlib.sha256(b"ingest: unreadable\x00" + path.encode("utf-8", "surrogateescape")).hexdigest()


def _places(given: str, source: str | None) -> Iterator[Place]:
    if given == STDIN:
        yield Place(None, STDIN, source or "stdin")
        return
    path = Path(given)
    if os.path.lexists(given):
        yield from _under(path, source)
        return
    for match in sorted(glob.glob(given, recursive=True), key=lambda name: Path(name).parts):
        # "**" names a folder and what is in it: the caller drops what comes twice.
        yield from _under(Path(match), source)


def _under(path: Path, source: str | None) -> Iterator[Place]:
    if not path.is_dir():
        parent = Path(os.path.abspath(path)).parent
        yield Place(path, _printable(path), source or _printable(parent.name or parent))
        return
    whole = Path(os.path.abspath(path))
    source = source or _printable(whole.name or whole)
    errors: list[OSError] = []
    for folder, folders, files in os.walk(path, onerror=errors.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                file = Path(folder, name)
                yield Place(file, _printable(file), source)
    for error in errors:  # a dump each, that `dump_at` finds unreadable: nothing is left out in silence
        yield Place(Path(error.filename), _printable(error.filename), source)


def _read(file: IO[bytes], place: Place, payload_bytes: int) -> Dump:
    payload = file.read(payload_bytes + 1)
    media_type = "text/html" if place.path and place.path.suffix.lower() in _HTML else None
    digest = hashlib.sha256(payload)
    if len(payload) <= payload_bytes:
        return Dump(digest.hexdigest(), payload, place.name, place.source, None, media_type, len(payload))
    size = len(payload)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    fault = "too-large", f"{size} bytes, and the limit is {payload_bytes}: split it, or raise payload_bytes"
    return Dump(digest.hexdigest(), None, place.name, place.source, None, media_type, size, fault)


def _unreadable(place: Place, message: str) -> Dump:
    return Dump(stand_in_id(place.name), None, place.name, place.source, fault=("unreadable", message))


def _printable(path: Path | str) -> str:
    """The path as text; bytes that are no UTF-8 as \\xNN, so that two names stay two."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _hint(given: str) -> str:
    return " (is the folder empty?)" if Path(given).is_dir() else ""
