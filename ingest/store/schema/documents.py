"""Clean documents, and what was removed."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
)

from ingest.store.schema.base import metadata, partial
from ingest.store.schema.dumps import dumps

articles = Table(
    "articles",
    metadata,
    Column("document_id", String(128), primary_key=True),
    Column("seq", BigInteger, nullable=False, unique=True),  # renewed by every change: the feed's cursor
    Column("dump_id", ForeignKey(dumps.c.dump_id), nullable=False, index=True),
    Column("part", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("role", String(16), nullable=False),
    Column("source", Text),
    Column("url", Text),
    Column("title", Text),
    Column("standfirst", Text),
    Column("text", Text, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("captions", JSON, nullable=False),
    Column("published", String(40)),
    Column("language", String(16)),
    Column("language_confidence", Float, nullable=False),
    Column("cluster_id", String(128), nullable=False, index=True),
    # All three null: unique.  No foreign key: the original may be known to the index alone.
    Column("duplicate_of", String(128)),
    Column("copy_kind", String(16)),  # "exact" | "near" | "contained"
    Column("similarity", Float),
    Column("possible_mixed", Float),
    Column("revision", Integer, nullable=False),
    Column("was_unique", Boolean, nullable=False, server_default=false()),  # now, or at an earlier time
    Column("pipeline_version", String(64), nullable=False),
    Column("cleaned_at", String(32), nullable=False),
    Column("start", Integer, nullable=False, server_default="0"),  # code points of the page text, as of its
    Column("end", Integer, nullable=False, server_default="0"),  # first block and of its last
    Column("blocks", JSON, nullable=False),  # list of [start, end, kind, text]
    Column("evidence", JSON, nullable=False),  # list of str
    Index(None, "source", "seq"),
    partial("duplicate_of", sqlite="duplicate_of IS NOT NULL", postgresql="duplicate_of IS NOT NULL"),
)

# Documents that are no more, for consumers that had them; the numbers continue those of the articles.
retractions = Table(
    "retractions",
    metadata,
    Column("document_id", String(128), primary_key=True),
    Column("seq", BigInteger, nullable=False, unique=True),
    Column("dump_id", ForeignKey(dumps.c.dump_id), nullable=False),
    Column("retracted_at", String(32), nullable=False),
)

removals = Table(
    "removals",
    metadata,
    Column("dump_id", ForeignKey(dumps.c.dump_id), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("start", Integer, nullable=False),  # code points of the page text
    Column("end", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("rule", Text, nullable=False),
    Column("score", Float, nullable=False),
)
