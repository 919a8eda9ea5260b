"""What archives of files have in common: members, as they come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ingest.errors import UnusableDump


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive.  Its stream is good until the next member is asked for; its name is only a name.

    A member with a fault has no stream.
    """

    name: str
    stream: BinaryIO | None
    size: int | None  # what the archive says, if anything
    fault: UnusableDump | None = None


Members = Iterator[Member]


def is_hidden(name: str) -> bool:
    """Spared like hidden files of a folder: system clutter, and what macOS puts beside the files."""
    parts = name.replace("\\", "/").split("/")
    return "__MACOSX" in parts or any(part.startswith(".") and part.strip(".") for part in parts)
