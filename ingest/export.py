"""Records to JSON Lines or Parquet: into a file that is whole or not there, or to standard output."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal

from ingest.errors import Unavailable, UsageError
from ingest.store import cursors
from ingest.store.records import Change, Record

Format = Literal["jsonl", "parquet"]
STDOUT = "-"
_ROWS = 1000  # in one row group of a Parquet file: bounds the memory


def target_of(output: str, form: Format) -> Path | None:
    """The file that `output` means: itself, or clean.jsonl / clean.parquet in that folder; None for stdout.

    Raises UsageError, before any work, for what can never be written.
    """
    check_format(form)
    if output == STDOUT:
        return None
    path = Path(output)
    if path.is_dir():
        path /= f"clean.{form}"
    if not path.parent.is_dir():
        raise UsageError(f"the folder of the output does not exist: {path.parent}")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise UsageError(f"the output cannot be written: {path}")
    return path


def check_format(form: Format) -> None:
    """Raises UsageError where a package is missing that this format needs."""
    if form == "parquet":
        _pyarrow()


def write(records: Iterable[Record], target: Path | None, form: Format) -> int | None:
    """Write the records.  -> how many; None where stdout's reader left.

    The file appears under its name when it is complete and on the disk; until then an older one stays.
    A reader of stdout that goes away ends the writing, and is no error.
    """
    return _write(lambda file: fill_with(records, file, form), target, seeks=form == "parquet")


def write_changes(changes: Iterable[Change], target: Path | None, *, only_unique: bool = False) -> int | None:
    """Write changes as JSON lines, as `write` does.  `only_unique`: of copies, only that they were taken back.

    So the first of each group stands for it.  Another choice has no place in the feed: which is the longest changes
    when another document comes, or goes, and leaves no word on the two that it concerns.
    """
    if only_unique:
        changes = (c for c in changes if c.change == "retracted" or _is_unique(c.document))
    return _write(lambda file: _write_lines(map(asdict, changes), file), target)


def fill_with(records: Iterable[Record], file: IO[bytes], form: Format) -> int:
    """Write the records into an open file.  -> how many."""
    return _write_parquet(records, file) if form == "parquet" else _write_lines(records, file)


def _write(fill: Callable[[IO[bytes]], int], target: Path | None, *, seeks: bool = False) -> int | None:
    if target is None:
        return _to_stdout(fill, seeks=seeks)
    try:
        with _whole(target) as file:
            return fill(file)
    except OSError as error:
        raise Unavailable(f"the output {target} cannot be written: {error.strerror or error}") from error


def change_row(change: Change) -> dict[str, Any]:
    """A change as consumers get it over HTTP."""
    return {
        "change": change.change,
        "cursor": cursors.written(change.cursor),
        "document_id": change.document_id,
        "dump_id": change.dump_id,
        "document": change.document,  # as it is: asdict would copy all of it
    }


def _is_unique(record: Record | None) -> bool:
    return record is not None and record["status"] == "unique"


def json_line(row: Mapping[str, Any]) -> str:
    """One record as one line, without the line's end."""
    return json.dumps(row, ensure_ascii=False)


def _write_lines(rows: Iterable[Mapping[str, Any]], file: IO[bytes]) -> int:
    number = 0
    for number, row in enumerate(rows, 1):  # noqa: B007  (the last number is the count)
        file.write(json_line(row).encode() + b"\n")
    return number


def _write_parquet(records: Iterable[Record], file: IO[bytes]) -> int:
    pa, parquet = _pyarrow()
    schema, number, rest = arrow_schema(), 0, iter(records)
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while rows := list(islice(rest, _ROWS)):
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
            number += len(rows)
    return number


def arrow_schema() -> Any:
    """The columns and their types, as pyarrow has them: written out, so that a file without rows has them too.

    Readers of JSON lines that guess types from the first file need it: a column may be null in all of that.
    """
    pa, _ = _pyarrow()
    text, whole, real = pa.string(), pa.int32(), pa.float64()
    removal = pa.struct(
        [("start", whole), ("end", whole), ("text", text), ("reason", text), ("rule", text), ("score", real)]
    )
    kinds = {
        "part": whole,
        "parts": whole,
        "revision": whole,
        "language_confidence": real,
        "similarity": real,
        "possible_mixed": real,
        "start": whole,
        "end": whole,
        "evidence": pa.list_(text),
        "authors": pa.list_(text),
        "captions": pa.list_(text),
        "removals": pa.list_(removal),
    }
    return pa.schema([(name, kinds.get(name, text)) for name in Record.__annotations__])


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError("Parquet needs pyarrow: pip install pyarrow") from error
    return pa, parquet


def _to_stdout(fill: Callable[[IO[bytes]], int], *, seeks: bool) -> int | None:
    try:
        if not seeks:
            number = fill(sys.stdout.buffer)
        else:  # Parquet's writer asks for its place in the file, which a pipe does not know
            with tempfile.TemporaryFile() as file:
                number = fill(file)
                file.seek(0)
                shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes stdout once more at its end: it must find an open end there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return None
    return number


@contextmanager
def _whole(target: Path) -> Iterator[IO[bytes]]:
    """A hidden file beside the target, which takes its name when the block ends well."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        # mkstemp's file is its owner's alone; the result has the permissions of any new file.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
