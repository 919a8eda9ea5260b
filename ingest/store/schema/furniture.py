"""What sources repeat."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from ingest.store.schema.base import metadata, partial
from ingest.store.schema.dumps import dumps

# Of each finished dump whose source is known, what counts for the source's furniture.
page_lines = Table(
    "page_lines",
    metadata,
    Column("dump_id", ForeignKey(dumps.c.dump_id), primary_key=True),
    Column("source", Text, nullable=False),  # or the host of its address
    Column("arrival", BigInteger, nullable=False),  # as in the ledger
    Column("furniture", String(16), nullable=False),  # the version that it was cleaned with; "": none
    Column(
        "lines", LargeBinary
    ),  # keys of its lines, sorted little-endian uint64; null: not counted (any more)
    Column("fresh", Boolean, nullable=False),  # not counted yet
    Index(None, "source", "arrival"),
    partial("source", sqlite="fresh = 1", postgresql="fresh"),
)

sites = Table(
    "sites",
    metadata,
    Column("source", Text, primary_key=True),
    Column("version", String(16), nullable=False),  # of the furniture in force; "": none
    Column("pages", Integer, nullable=False),  # dumps that were counted the last time
    Column("stories", Integer, nullable=False),  # different ones that these told
    Column("learned_at", String(32), nullable=False),
)

# Lines that a source repeats, and lines of which a person said what they are.
site_lines = Table(
    "site_lines",
    metadata,
    Column("source", ForeignKey(sites.c.source), primary_key=True),
    Column("line", String(200), primary_key=True),  # as lines are compared
    Column("example", Text, nullable=False),  # as one of the dumps wrote it
    Column("stories", Integer, nullable=False),  # that held it when they were counted the last time
    Column("since", String(32), nullable=False),
    Column("word", String(8)),  # a person's: see `sites.Word`
)
