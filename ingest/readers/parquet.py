"""Parquet files, for whoever has pyarrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from ingest.errors import UnusableDump
from ingest.model import Dump
from ingest.readers.budget import Budget
from ingest.readers.container import Container
from ingest.readers.fields import dump_of_fields

# Few at once: every row may hold a text as long as is allowed.
_ROWS = 16
_LONGEST_SCHEMA = 32_000_000  # bytes of any one text in the file's description


def parquet_rows(file: IO[bytes], at: Container) -> Iterator[Dump]:
    """A dump for each row, named by its number.

    Raises UnusableDump where the file is damaged, has no column of text, or pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        message = "Parquet needs pyarrow: pip install pyarrow"
        raise UnusableDump("unsupported", message) from error
    broken = (pyarrow.ArrowException, OSError, ValueError, MemoryError)
    try:
        table = ParquetFile(
            file,
            thrift_string_size_limit=_LONGEST_SCHEMA,
            buffer_size=1 << 20,  # else a whole column of a row group at once
            pre_buffer=False,
        )
        columns = _columns(table, at)
        _weigh(table.metadata, columns, at.budget)
        number = 0
        for batch in table.iter_batches(batch_size=_ROWS, columns=columns, use_threads=False):
            at.budget.spend(batch.nbytes)
            for fields in batch.to_pylist():
                number += 1
                yield dump_of_fields(at, number, fields)
    except broken as error:
        what = f"no Parquet file that can be read ({type(error).__name__}: {error}): get the file again"
        raise UnusableDump("unreadable", what[:500]) from error


def _columns(table: Any, at: Container) -> list[str]:
    """The columns to read.  Only plain ones: what is nested under a column has a dot in its name."""
    limits = at.limits
    there: list[str] = table.schema_arrow.names

    def those(names: tuple[str, ...]) -> list[str]:
        folded = {name.casefold() for name in names}
        return [name for name in there if name.strip().casefold() in folded]

    texts = those(limits.text_fields)
    if not texts:
        shown = ", ".join(repr(name[:40]) for name in there[:20])
        raise UnusableDump(
            "unreadable",
            f"a table with the columns {shown}, none of them {', '.join(limits.text_fields)}: "
            "name the one with the text in containers.text_fields",
        )
    others = limits.url_fields + limits.source_fields + limits.id_fields + limits.media_type_fields
    return texts + [name for name in those(others) if name not in texts]


def _weigh(metadata: Any, columns: list[str], budget: Budget) -> None:
    """Refuse a file that says itself that it is a bomb, before a page of it is unpacked.  Raises Exhausted."""
    said = Budget(budget.ratio, budget.packed)
    for group in range(metadata.num_row_groups):
        for index in range(metadata.num_columns):
            column = metadata.row_group(group).column(index)
            if column.path_in_schema.partition(".")[0] in columns:
                said.spend(max(0, column.total_uncompressed_size))
