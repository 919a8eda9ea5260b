"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "bands",
        sa.Column("band", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("band", "position", name="pk_bands"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )
    op.create_table(
        "dumps",
        sa.Column("dump_id", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=255), nullable=True),
        sa.Column("received_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("dump_id", name="pk_dumps"),
    )
    op.create_table(
        "sketches",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document_id", sa.String(length=128), nullable=False),
        sa.Column("exact", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("shingles", sa.LargeBinary(), nullable=False),
        sa.Column("bands", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_sketches"),
        sa.UniqueConstraint("document_id", name="uq_sketches_document_id"),
    )
    op.create_index("ix_sketches_exact_position", "sketches", ["exact", "position"], unique=False)
    op.create_table(
        "articles",
        sa.Column("document_id", sa.String(length=128), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("dump_id", sa.String(length=64), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("standfirst", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("captions", sa.JSON(), nullable=False),
        sa.Column("published", sa.String(length=40), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("language_confidence", sa.Float(), nullable=False),
        sa.Column("cluster_id", sa.String(length=128), nullable=False),
        sa.Column("possible_mixed", sa.Float(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("pipeline_version", sa.String(length=64), nullable=False),
        sa.Column("cleaned_at", sa.String(length=32), nullable=False),
        sa.Column("blocks", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["dump_id"], ["dumps.dump_id"], name="fk_articles_dump_id_dumps"),
        sa.PrimaryKeyConstraint("document_id", name="pk_articles"),
        sa.UniqueConstraint("seq", name="uq_articles_seq"),
    )
    op.create_index("ix_articles_cluster_id", "articles", ["cluster_id"], unique=False)
    op.create_index("ix_articles_dump_id", "articles", ["dump_id"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("dump_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("traceback", sa.Text(), nullable=True),
        sa.Column("pipeline_version", sa.String(length=64), nullable=True),
        sa.Column("encoding", sa.String(length=64), nullable=True),
        sa.Column("repairs", sa.JSON(), nullable=True),
        sa.Column("updated_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["dump_id"], ["dumps.dump_id"], name="fk_ledger_dump_id_dumps"),
        sa.PrimaryKeyConstraint("dump_id", name="pk_ledger"),
    )
    op.create_index("ix_ledger_state", "ledger", ["state"], unique=False)
    op.create_table(
        "removals",
        sa.Column("dump_id", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["dump_id"], ["dumps.dump_id"], name="fk_removals_dump_id_dumps"),
        sa.PrimaryKeyConstraint("dump_id", "n", name="pk_removals"),
    )
    op.create_table(
        "sightings",
        sa.Column("sighting_id", sa.Integer(), nullable=False),
        sa.Column("dump_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["dump_id"], ["dumps.dump_id"], name="fk_sightings_dump_id_dumps"),
        sa.PrimaryKeyConstraint("sighting_id", name="pk_sightings"),
        sa.UniqueConstraint("dump_id", "source", "name", "url", name="uq_sightings_dump_id_source_name_url"),
    )
    op.create_table(
        "links",
        sa.Column("document_id", sa.String(length=128), nullable=False),
        sa.Column("duplicate_of", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("similarity", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["articles.document_id"], name="fk_links_document_id_articles"
        ),
        sa.PrimaryKeyConstraint("document_id", name="pk_links"),
    )
    op.create_index("ix_links_duplicate_of", "links", ["duplicate_of"], unique=False)
