"""Sources, what is known of their addresses, what was fetched of these, and when."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "sources",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("seeded", sa.Boolean(), nullable=False),
        sa.Column("word", sa.String(length=8), nullable=True),
        sa.Column("changed_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_sources"),
    )
    op.create_table(
        "addresses",
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("is_listing", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("dump_id", sa.String(length=64), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.String(length=32), nullable=False),
        sa.Column("checked_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["sources.name"], name="fk_addresses_source_sources"),
        sa.PrimaryKeyConstraint("source", "key", name="pk_addresses"),
    )
    op.create_index(
        "ix_addresses_source",
        "addresses",
        ["source"],
        unique=False,
        sqlite_where=sa.text("wanted = 1"),
        postgresql_where=sa.text("wanted"),
    )
    op.create_table(
        "fetches",
        sa.Column("fetch_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("dump_id", sa.String(length=64), nullable=False),
        sa.Column("page_key", sa.String(length=64), nullable=True),
        sa.Column("fetched_at", sa.String(length=32), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["dump_id"], ["dumps.dump_id"], name="fk_fetches_dump_id_dumps"),
        sa.PrimaryKeyConstraint("fetch_id", name="pk_fetches"),
        sa.UniqueConstraint("source", "key", "revision", name="uq_fetches_source_key_revision"),
    )
    op.create_index("ix_fetches_dump_id", "fetches", ["dump_id"], unique=False)
    op.create_index("ix_fetches_source_fetched_at", "fetches", ["source", "fetched_at"], unique=False)
    op.create_table(
        "crawls",
        sa.Column("crawl_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("slot", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("starts_at", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.String(length=32), nullable=True),
        sa.Column("seen_at", sa.String(length=32), nullable=True),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("holder", sa.String(length=64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["sources.name"], name="fk_crawls_source_sources"),
        sa.PrimaryKeyConstraint("crawl_id", name="pk_crawls"),
        sa.UniqueConstraint("source", "slot", name="uq_crawls_source_slot"),
    )
    op.create_index("ix_crawls_state_starts_at", "crawls", ["state", "starts_at"], unique=False)
