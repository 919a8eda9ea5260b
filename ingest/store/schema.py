"""The tables of the store.  Change one, and write a migration (`migrations/`) and raise `REVISION`.

The full text of the documents is beside them, in each database's own way: `searchable`.
"""

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
    LargeBinary,
    MetaData,
    Sequence,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

REVISION = "0010"  # the newest migration; here, so that opening a store need not load alembic

# Named constraints: a later migration can drop what has a name.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# A key that counts in 64 bits everywhere, and is SQLite's own rowid there: half the size.
_Position = BigInteger().with_variant(Integer, "sqlite")

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
    Column("payload", LargeBinary),  # zlib; null where the bytes lie aside, or could not be had
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
    Column("possible_mixed", Float),
    Column("revision", Integer, nullable=False),
    Column("was_unique", Boolean, nullable=False, server_default=false()),  # now, or at an earlier time
    Column("pipeline_version", String(64), nullable=False),
    Column("cleaned_at", String(32), nullable=False),
    Column("blocks", JSON, nullable=False),  # list of [start, end, kind, text]
    Column("evidence", JSON, nullable=False),  # list of str
    Index(None, "source", "seq"),
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

# A document without a row here is unique.
links = Table(
    "links",
    metadata,
    Column("document_id", ForeignKey(articles.c.document_id), primary_key=True),
    # No foreign key: the original may be known to the index alone.
    Column("duplicate_of", String(128), nullable=False, index=True),
    Column("kind", String(16), nullable=False),  # "exact" | "near" | "contained"
    Column("similarity", Float, nullable=False),
)

# The near-copy index.  It stands apart from articles: libraries use it without them.
sketches = Table(
    "sketches",
    metadata,
    Column("position", _Position, primary_key=True, autoincrement=False),  # the order of arrival
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
    Column("shingle", _Position, primary_key=True, autoincrement=False),
    Column("documents", LargeBinary, nullable=False),  # sorted little-endian uint64
)

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
    Index(None, "source", sqlite_where=text("fresh = 1"), postgresql_where=text("fresh")),
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

# What people said of spans, newest last; a row that was undone stays, for it says what was tried.
corrections = Table(
    "corrections",
    metadata,
    Column("correction_id", _Position, primary_key=True, autoincrement=True),
    Column("dump_id", ForeignKey(dumps.c.dump_id), nullable=False, index=True),
    Column("start", Integer, nullable=False),  # this and the next: code points of the page text
    Column("end", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("kind", String(16), nullable=False),  # what it is: a `model.Kind`; or a `model.Cut`
    Column("reason", String(32)),  # of boilerplate
    Column("kind_before", String(16), nullable=False),  # this and the next two: what was said before
    Column("reason_before", String(32)),
    Column("rule_before", Text),
    Column("source", Text),  # set where it holds for this line on the whole site
    Column("word_before", String(8)),  # of the site's line, for whoever undoes it
    Column("made_at", String(32), nullable=False),
    Column("made_by", Text, nullable=False),  # the id of a token, or a person at the command line
    Column("undone_at", String(32)),
    Column("undone_by", Text),
)

# What people said of near-copy links.  Documents come and go with their dumps, so these rows name them and hold no key.
pairs = Table(
    "pairs",
    metadata,
    Column("pair_id", _Position, primary_key=True, autoincrement=True),
    Column("document_id", String(128), nullable=False, index=True),  # the later of the two
    Column("other_id", String(128), nullable=False, index=True),
    Column("word", String(16), nullable=False),  # "copy" | "different"
    Column("similarity", Float, nullable=False),  # of the link when it was said
    Column("made_at", String(32), nullable=False),
    Column("made_by", Text, nullable=False),
    Column("undone_at", String(32)),
    Column("undone_by", Text),
)

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
    Index(None, "source", sqlite_where=text("wanted = 1"), postgresql_where=text("wanted")),
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

# Who may use the API.  Of a token only its hash is kept: who reads the store cannot use it.
tokens = Table(
    "tokens",
    metadata,
    Column(
        "token_id", String(16), primary_key=True
    ),  # the first part of the token: says which, opens nothing
    Column("hash", String(64), nullable=False),  # sha256 of the whole
    Column("name", Text, nullable=False),
    Column("scopes", JSON, nullable=False),  # list of str
    Column("created_at", String(32), nullable=False),
    Column("expires_at", String(32)),
    Column("revoked_at", String(32)),
)

# Who is told of changes over HTTP.  The cursor into the feed is all that is to be remembered: there is no queue.
webhooks = Table(
    "webhooks",
    metadata,
    Column("webhook_id", String(16), primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),  # in the clear: what we sign with it, the receiver checks with it
    Column("cursor", BigInteger, nullable=False),  # all up to here was delivered
    Column("state", String(8), nullable=False),  # "active" | "dead"
    Column("failures", Integer, nullable=False),  # since the last delivery
    Column("due_at", String(32), nullable=False),
    Column("held_until", String(32)),  # somebody delivers to it
    Column("error", Text),
    Column("created_at", String(32), nullable=False),
    Column("delivered_at", String(32)),
)

# What was answered to a request that came with an Idempotency-Key, for when it comes again.
requests = Table(
    "requests",
    metadata,
    Column("key", String(64), primary_key=True),  # sha256 of the token's id and the key
    Column("fingerprint", String(64), nullable=False),  # sha256 of what was asked
    Column("dump_ids", JSON, nullable=False),
    Column("created_at", String(32), nullable=False, index=True),
)

# Signs of life.  A row that is renewed no more is a worker that is gone.
workers = Table(
    "workers",
    metadata,
    Column("worker_id", String(128), primary_key=True),
    Column("kind", String(16), nullable=False),  # "worker" | "beat" | "api" | "watch"
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("concurrency", Integer, nullable=False),
    Column("pipeline_version", String(64), nullable=False),
    Column("started_at", String(32), nullable=False),
    Column("seen_at", String(32), nullable=False, index=True),
)
