"""Opening what is a container, and what lies in it: the one place that knows all kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from io import BufferedReader
from typing import IO, BinaryIO, cast

from ingest.errors import UnusableDump
from ingest.model import Dump
from ingest.readers.archive import Members
from ingest.readers.budget import Exhausted
from ingest.readers.compressed import Unpacked
from ingest.readers.container import DEEPEST, STDIN, Container
from ingest.readers.feeds import feed_entries
from ingest.readers.jsonfiles import json_lines, json_values
from ingest.readers.mail import mail_dumps, mbox_messages
from ingest.readers.parquet import parquet_rows
from ingest.readers.sniff import HEAD, Kind, compression_of, kind_of, unpacked_name
from ingest.readers.streams import Prefixed, buffered, seekable
from ingest.readers.tables import csv_rows
from ingest.readers.tars import tar_members
from ingest.readers.warc import warc_records
from ingest.readers.zips import zip_members

# In a row, after which a container is given up: a few kilobytes can hold millions of broken lines.
_MOST_FAULTS = 100_000

_IN_ONE_PASS: dict[Kind, Callable[[BinaryIO, Container], Iterator[Dump]]] = {
    "warc": warc_records,
    "jsonl": json_lines,
    "json": json_values,
    "csv": csv_rows,
    "mbox": mbox_messages,
    "mail": mail_dumps,
    "feed": feed_entries,
}


def dumps_in(stream: BinaryIO, at: Container) -> Iterator[Dump]:
    """The dumps in a stream: one that is the whole of it, or those of the container that it is.

    What cannot be read is a dump with a fault, and the rest goes on.  Where nothing more can be read of a
    container, that fault bears the container's own name.
    """
    is_empty, faults = True, 0
    try:
        for dump in _dumps_in(stream, at):
            is_empty = False
            yield dump
            faults = faults + 1 if dump.fault else 0
            if faults == _MOST_FAULTS:
                what = f"{faults} faults in a row: not what its name says?  What comes after is not read"
                yield at.fault("unreadable", what)
                return
        if is_empty:
            yield at.fault("empty", "a container without a page or text in it")
    except Exhausted as error:
        if at.depth:
            raise
        yield at.failed(error)
    except UnusableDump as error:
        yield at.failed(error)


def _dumps_in(stream: BinaryIO, at: Container, unpacked: str | None = None) -> Iterator[Dump]:
    """`unpacked`: the name of the stream's content, where it was compressed."""
    head, stream = _looked_at(stream)
    own = at.name.rpartition("!")[2].replace("\\", "/").rpartition("/")[2]
    compression = compression_of(head)
    if compression and unpacked is not None:  # compressed twice: that is one more around it
        at = replace(at, depth=at.depth + 1)
    kind = None if compression else kind_of(unpacked or unpacked_name(own), head)
    if compression is None and kind is None:
        is_renamed = unpacked not in (None, own) and at.name != STDIN
        yield _plain(
            stream, replace(at, name=f"{at.name}!{unpacked}") if is_renamed else at, unpacked is not None
        )
    elif at.depth > DEEPEST:
        what = "a container in a container in a container is not opened: unpack the outermost to a folder"
        raise UnusableDump("nested", what)
    elif compression:
        # What is compressed and what that makes a container are one: a tar.gz, a jsonl.zst.
        content = buffered(Unpacked(stream, compression, at.budget))
        yield from _dumps_in(content, at, unpacked_name(unpacked or own))
    elif kind in ("zip", "tar", "parquet"):
        yield from _archived(stream, kind, at)
    elif kind:
        yield from _IN_ONE_PASS[kind](stream, at)


def _plain(stream: BinaryIO, at: Container, is_unpacked: bool) -> Dump:
    try:
        return at.whole(stream, to_the_end=not is_unpacked and not at.depth)
    except Exhausted:
        raise
    except UnusableDump as error:
        return at.failed(error)


def _archived(stream: BinaryIO, kind: Kind, at: Container) -> Iterator[Dump]:
    if kind == "tar":
        yield from _members(tar_members(stream), at)
        return
    file: IO[bytes] = seekable(stream, at.limits.spool_bytes)
    with closing(file):
        if kind == "zip":
            yield from _members(zip_members(file, at.budget), at)
        else:
            yield from parquet_rows(file, at)


def _members(members: Members, at: Container) -> Iterator[Dump]:
    counts: dict[int, int] = {}  # by the hashes of the names: there may be very many
    for number, member in enumerate(members, 1):
        if number > at.limits.members:
            message = f"more than {at.limits.members} files in it: split it, or raise containers.members"
            raise UnusableDump("too-large", f"{message}; what comes after is not read")
        inner = at.member(_distinct(member.name, counts))
        if member.fault or member.stream is None:
            fault = member.fault or UnusableDump("unreadable", "nothing is known of its bytes")
            yield at.fault(fault.reason, fault.message, name=inner.name, size=member.size or 0)
            continue
        with member.stream:
            yield from dumps_in(member.stream, inner)


def _distinct(inner: str, counts: dict[int, int]) -> str:
    """Archives may hold a name twice; the names of dumps are to stay apart."""
    name, key = inner, hash(inner)
    while hash(name) in counts:
        counts[key] += 1
        name = f"({counts[key]}) {inner}"
    counts[hash(name)] = 1
    return name


def _looked_at(stream: BinaryIO) -> tuple[bytes, BinaryIO]:
    """The first bytes, and the stream as it was before."""
    if stream.seekable():
        start = stream.tell()
        head = stream.read(HEAD)
        stream.seek(start)
        return head, stream
    head = b""
    # What comes before damage counts; the stream fails again for whoever reads on.
    with suppress(UnusableDump):
        while len(head) < HEAD and (more := cast("BufferedReader", stream).read1(HEAD - len(head))):
            head += more
    return head, buffered(Prefixed(head, stream))
