"""Dumps, where they were met, and what becomes of each."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from ingest.store.schema.base import metadata

# Running numbers that are never given twice, also where the newest row is deleted: a consumer's cursor
# and the index's order both rest on that.
counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# On Postgres, the order of receiving: pushers must not wait for each other.  On SQLite it is a counter.
arrivals = Sequence("arrivals", metadata=metadata)

dumps = Table(
    "dumps",
    metadata,
    Column("dump_id", String(64), primary_key=True),
    Column("payload", LargeBinary),  # see `packing`; null where the bytes lie aside, or could not be had
    Column("aside", Boolean, nullable=False, server_default=false()),  # large: in the payload folder
    Column("size", BigInteger, nullable=False),  # bytes, before compression
    Column("media_type", String(255)),
    Column("received_at", String(32), nullable=False),  # this and every time: ISO 8601, UTC
)

sightings = Table(
    "sightings",
    metadata,
    Column("sighting_id", Integer, primary_key=True),
    Column("dump_id", ForeignKey(dumps.c.dump_id), nullable=False),
    # "" where there is none: in a unique constraint two nulls would count as different.
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("seen_at", String(32), nullable=False),
    UniqueConstraint("dump_id", "source", "name", "url"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("dump_id", ForeignKey(dumps.c.dump_id), primary_key=True),
    # Its place in the order of receiving, which says which of two copies is the original, whoever is cleaned first.
    Column("arrival", BigInteger, nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),  # counted before the work starts
    Column("reason", String(64)),  # this and the next two: of a dead dump
    Column("message", Text),
    Column("traceback", Text),
    Column("pipeline_version", String(64)),  # of the last finished work
    Column("encoding", String(64)),  # this and the next: what decoding found and mended
    Column("repairs", JSON),
    Column("updated_at", String(32), nullable=False),
    Column("holder", String(64)),  # the task that has it in work; null where that is no task
    Index(None, "state", "updated_at"),
)
