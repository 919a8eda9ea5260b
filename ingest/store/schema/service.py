"""Who uses the service, and who runs it."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Integer, String, Table, Text

from ingest.store.schema.base import metadata

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
