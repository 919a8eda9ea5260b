"""The near-copy index."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, text

from ingest.store.schema.base import Position, metadata

# The near-copy index.  It stands apart from articles: libraries use it without them.
sketches = Table(
    "sketches",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=False),  # the order of arrival
    Column("document_id", String(128), nullable=False, unique=True),
    Column("exact", String(64), nullable=False),
    Column("algorithm", Integer, nullable=False, server_default="1"),  # that made what follows
    Column("size", Integer, nullable=False),  # different shingles
    Column("shingles", LargeBinary, nullable=False),  # sorted little-endian uint32, as the next
    Column("numbers", LargeBinary, nullable=False, server_default=text("''")),
    Index(None, "exact", "position"),
)

# Who holds a shingle, of those that lead to candidates: see `postings`.
rare_shingles = Table(
    "rare_shingles",
    metadata,
    Column("shingle", Position, primary_key=True, autoincrement=False),
    Column("documents", LargeBinary, nullable=False),  # sorted little-endian uint64
)
