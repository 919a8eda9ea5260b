"""Where the file of a partition is, below the data set's folder."""

from __future__ import annotations

from urllib.parse import quote, unquote

from ingest.export import Format
from ingest.store.partitions import Partition

_NO_SOURCE = "__HIVE_DEFAULT_PARTITION__"  # Hive's word for null, which readers of data sets know


def path_of(partition: Partition, form: Format) -> str:
    # Not source=: the documents have a column of that name, and readers refuse to have two.
    origin = _NO_SOURCE if partition.source is None else quote(partition.source, safe="")
    return f"day={partition.day}/origin={origin}/documents.{form}"


def partition_of(path: str) -> Partition:
    """The partition whose path this is."""
    day, origin = (part.partition("=")[2] for part in path.split("/")[:2])
    return Partition(day, None if origin == _NO_SOURCE else unquote(origin))
