"""Where dumps are fetched from."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ingest.store.schema.base import metadata, partial
from ingest.store.schema.dumps import dumps

# Where dumps are fetched from.  `config/sources.toml` seeds it; commands change it.
sources = Table(
    "sources",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("definition", JSON, nullable=False),  # as `ingest.crawl.source.Source` reads it
    Column("seeded", Boolean, nullable=False),  # by the file, which may define it anew
    Column("word", String(8)),  # a person's, over what the definition says: "enable" | "disable"
    Column("changed_at", String(32), nullable=False),
)

# The addresses that a source named, and what is known of each: the frontier of its crawls, and their memory.
addresses = Table(
    "addresses",
    metadata,
    Column("source", ForeignKey(sources.c.name), primary_key=True),
    Column("key", String(64), primary_key=True),  # sha256 of the url
    Column("url", Text, nullable=False),
    Column("is_listing", Boolean, nullable=False),  # a feed, a sitemap, a section: read for its links
    Column("wanted", Boolean, nullable=False),  # to be fetched, and not fetched yet
    Column("failures", Integer, nullable=False),  # since its last success
    Column("status", Integer),  # of the last response
    Column("etag", Text),
    Column("last_modified", Text),
    Column("dump_id", String(64)),  # of the last success; null of a listing
    Column("revision", Integer, nullable=False),  # how many different dumps it gave
    Column("found_at", String(32), nullable=False),
    Column("checked_at", String(32)),
    partial("source", sqlite="wanted = 1", postgresql="wanted"),
)

# Every dump that an address gave, in their order: what one replaced, and with which headers it came.
fetches = Table(
    "fetches",
    metadata,
    Column("fetch_id", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("key", String(64), nullable=False),  # as in `addresses`
    Column("url", Text, nullable=False),  # where redirects led
    Column("revision", Integer, nullable=False),
    Column("dump_id", ForeignKey(dumps.c.dump_id), nullable=False, index=True),
    Column("page_key", String(64)),  # of a feed's entry with its full text: the key of its page
    Column("fetched_at", String(32), nullable=False),
    Column("headers", JSON, nullable=False),  # list of [name, value]
    UniqueConstraint("source", "key", "revision"),
    Index(None, "source", "fetched_at"),
)

# A crawl of a source.  Its slot is the time for which it was due: two of one slot cannot be.
crawls = Table(
    "crawls",
    metadata,
    Column("crawl_id", Integer, primary_key=True),
    Column("source", ForeignKey(sources.c.name), nullable=False),
    Column("slot", String(32), nullable=False),
    Column("state", String(16), nullable=False),  # "due" | "sent" | "running" | "done" | "failed" | "skipped"
    Column("starts_at", String(32), nullable=False),  # the slot and its jitter
    Column("started_at", String(32)),
    Column("seen_at", String(32)),  # renewed while it runs
    Column("ended_at", String(32)),
    Column("holder", String(64)),  # the process that runs it
    Column("attempts", Integer, nullable=False),
    Column("counts", JSON),  # object of numbers, see ingest.crawl.counts
    Column("error", Text),
    UniqueConstraint("source", "slot"),
    Index(None, "state", "starts_at"),
)
