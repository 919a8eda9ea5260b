"""Files, folders, glob patterns, fsspec URLs and standard input; what is a container is opened."""

from __future__ import annotations

import glob
import io
import os
import stat
import sys
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ingest.errors import UsageError
from ingest.model import Dump
from ingest.readers import remote
from ingest.readers.budget import Budget
from ingest.readers.container import STDIN, Container, stand_in_id
from ingest.readers.opening import dumps_in
from ingest.readers.streams import Prefixed, buffered
from ingest.settings import Containers

__all__ = [
    "STDIN",
    "Place",
    "dump_at",
    "dumps_at",
    "dumps_of",
    "files_below",
    "places_of",
    "printable",
    "stand_in_id",
]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is to be read; without `path` and `remote`, standard input."""

    path: Path | None
    name: str  # the path as the caller wrote it, printable
    source: str
    source_given: bool = False  # by the caller; else it is the folder's name
    remote: remote.Remote | None = None


def dumps_of(
    inputs: Sequence[str],
    *,
    source: str | None = None,
    payload_bytes: int,
    containers: Containers | None = None,
    skip: Collection[Path] = (),
) -> Iterator[Dump]:
    """The dumps of these inputs, read one at a time; see `places_of` and `dumps_at`.

    Raises UsageError, and Unavailable of a URL, before anything is read.
    """
    places = places_of(inputs, source=source, skip=skip)
    return (dump for place in places for dump in dumps_at(place, payload_bytes, containers))


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
            key = place.name if place.path is None else os.path.abspath(place.path)
            if key not in spared:
                found.setdefault(key, place)
    if not found:
        raise UsageError(f"nothing to read in {', '.join(inputs)} but what this run itself writes")
    return list(found.values())


def dumps_at(place: Place, payload_bytes: int, containers: Containers | None = None) -> Generator[Dump]:
    """The dumps at a place, in its order: the file itself, or what the container that it is holds.

    Never raises: what cannot be had has no payload and a fault.  A file of more than `payload_bytes` is
    hashed piece by piece, so that its `dump_id` is the usual one; an unreadable one gets the id of
    `stand_in_id`.
    """
    at = _container(place, payload_bytes, containers)
    try:
        with _opened(place, at.budget) as file:
            yield from dumps_in(file, at)
    except OSError as error:
        yield at.fault("unreadable", f"{error.strerror or error}: check that the file exists and may be read")


def dump_at(place: Place, payload_bytes: int) -> Dump:
    """The file at a place as one dump, whatever it is.  Never raises; see `dumps_at`."""
    at = _container(place, payload_bytes, None)
    try:
        with _opened(place, at.budget) as file:
            return at.whole(file, to_the_end=True)
    except OSError as error:
        return at.fault(
            "unreadable", f"{error.strerror or error}: check that the file exists and may be read"
        )


def _container(place: Place, payload_bytes: int, containers: Containers | None) -> Container:
    limits = containers or Containers()
    budget = Budget(limits.ratio)
    return Container(place.name, place.source, payload_bytes, limits, budget, place.source_given)


def _opened(place: Place, budget: Budget) -> BinaryIO:
    """Raises OSError."""
    if place.remote:
        file = place.remote.opened()
    elif place.path is None:
        return buffered(Prefixed(b"", sys.stdin.buffer, budget))  # which does not close what it reads
    else:
        # Ask before opening: opening a fifo waits for a writer, opening some devices acts on them.
        mode = place.path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise OSError("a folder whose content may not be listed")
        if not stat.S_ISREG(mode):
            raise OSError("not a regular file (a pipe, a socket or a device)")
        file = place.path.open("rb")
    if file.seekable():
        budget.packed = file.seek(0, io.SEEK_END)
        file.seek(0)
        return file
    return buffered(Prefixed(b"", file, budget))


def _places(given: str, source: str | None) -> Iterator[Place]:
    if given == STDIN:
        yield Place(None, STDIN, source or "stdin", source is not None)
        return
    if remote.is_url(given):
        local = remote.local_path(given)
        if local is None:
            for found in remote.remotes_of(given):
                yield Place(None, found.name, source or found.folder, source is not None, found)
            return
        given = local
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
        yield Place(path, printable(path), source or printable(parent.name or parent), source is not None)
        return
    whole = Path(os.path.abspath(path))
    is_given = source is not None
    source = source or printable(whole.name or whole)
    for file in files_below(path):
        yield Place(file, printable(file), source, is_given)


def files_below(path: Path) -> Iterator[Path]:
    """The files of a folder, as `places_of` walks it; last come the folders that cannot be listed."""
    errors: list[OSError] = []
    for folder, folders, files in os.walk(path, onerror=errors.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield Path(folder, name)
    for error in errors:  # a dump each, that `dumps_at` finds unreadable: nothing is left out in silence
        yield Path(error.filename)


def printable(path: Path | str) -> str:
    """The path as text; bytes that are no UTF-8 as \\xNN, so that two names stay two."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _hint(given: str) -> str:
    return " (is the folder empty?)" if Path(given).is_dir() else ""
