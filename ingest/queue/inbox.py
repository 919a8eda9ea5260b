"""A watched folder: which of its files are dumps' files, what they are called, and how one is told from another."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from ingest.errors import UsageError
from ingest.readers.files import STDIN, Place, files_below, printable

# Endings under which programs write what is not whole yet, and rename it when it is.
TEMPORARY = (".part", ".partial", ".filepart", ".tmp", ".crdownload", ".download", "~")


class State(NamedTuple):
    """What the system says of a file; while it says the same, the bytes are the same."""

    size: int
    modified: int  # nanoseconds, as the next
    changed: int  # of the inode: also tells of a file that was moved here with the time and size of another
    inode: int


def state_of(path: str) -> State | None:
    """None where nothing is.  Of what may not be asked about, a state that never changes: reading it tells why."""
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        try:
            found = os.lstat(path)  # a link to nothing
        except OSError:
            return None
    except OSError:
        return State(-1, 0, 0, 0)
    return State(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


class Inbox:
    """One watched folder.  Its files bear the names and the source that `ingest push FOLDER` would give them.

    Spared are hidden and temporary names, files and folders alike, linked folders, and `own`: what the service
    itself writes.  Raises UsageError where there is no such folder.
    """

    def __init__(self, given: str, source: str | None, own: Collection[Path] = ()) -> None:
        self.root = os.path.abspath(given)
        if given == STDIN or "://" in given:
            raise UsageError(f"only a folder can be watched, and {given!r} is none: see ingest push")
        if not os.path.isdir(given):
            what = (
                "is a file: push it (ingest push)"
                if os.path.exists(given)
                else "does not exist: make it first"
            )
            raise UsageError(f"only a folder can be watched, and {given!r} {what}")
        paths = [os.path.abspath(path) for path in own]
        if self.root in paths:
            raise UsageError(f"{given!r} is where the service itself writes: watch another folder")
        self.name = printable(given)
        self._given = Path(given)
        self._source, self._source_given = source, source is not None
        self._own = {path for path in paths if not _is_in(self.root, path)}

    def identity(self) -> tuple[int, int] | None:
        """Of the folder that is there now; None while there is none."""
        try:
            found = os.stat(self.root)
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if os.path.isdir(self.root) else None

    def files(self, below: str | None = None) -> Iterator[str]:
        """The files in the folder, or in one in it; absolute."""
        for path in files_below(Path(below or self.root)):
            if self.takes(str(path)):
                yield str(path)

    def holds(self, path: str) -> bool:
        return path == self.root or _is_in(path, self.root)

    def takes(self, path: str) -> bool:
        """Whether something in the folder is none of what is spared."""
        parts = path.removeprefix(self.root).strip(os.sep).split(os.sep)
        if any(part.startswith(".") or part.lower().endswith(TEMPORARY) for part in parts):
            return False
        return not any(path == own or _is_in(path, own) for own in self._own)

    def ours(self, path: str) -> str | None:
        """What is told of by the system, under the folder's own path; None where it is to be spared.

        Systems may tell the path without its links, or tell of what a linked folder holds.
        """
        for root in (self.root, os.path.realpath(self.root)):
            if _is_in(path, root):
                parts = Path(path).relative_to(root).parts
                here = os.path.join(self.root, *parts)
                parents = [os.path.join(self.root, *parts[:n]) for n in range(1, len(parts))]
                if os.path.isdir(here):
                    parents.append(here)
                return here if self.takes(here) and not any(map(os.path.islink, parents)) else None
        return None

    def place(self, path: str) -> Place:
        file = self._given / Path(path).relative_to(self.root)
        source = self._source or printable(Path(self.root).name or self.root)
        return Place(file, printable(file), source, self._source_given)


def _is_in(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip(os.sep) + os.sep)
