"""Full-text search, the feed by source, and what people corrected."""

import sqlalchemy as sa
from alembic import op

from ingest.store.searchable import make_searchable

revision = "0006"
down_revision = "0005"

# Until 0014.
_NEW = """
    CREATE TRIGGER articles_searchable_new AFTER INSERT ON articles BEGIN
        INSERT INTO search(rowid, title, standfirst, text) VALUES (new.seq, new.title, new.standfirst, new.text);
    END
"""


def upgrade() -> None:
    op.drop_index("ix_articles_source", table_name="articles")
    op.create_index("ix_articles_source_seq", "articles", ["source", "seq"], unique=False)
    op.create_table(
        "corrections",
        sa.Column("correction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dump_id", sa.String(length=64), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("kind_before", sa.String(length=16), nullable=False),
        sa.Column("reason_before", sa.String(length=32), nullable=True),
        sa.Column("rule_before", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("word_before", sa.String(length=8), nullable=True),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.String(length=32), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["dump_id"], ["dumps.dump_id"], name="fk_corrections_dump_id_dumps"),
        sa.PrimaryKeyConstraint("correction_id", name="pk_corrections"),
    )
    op.create_index("ix_corrections_dump_id", "corrections", ["dump_id"], unique=False)
    make_searchable(op.get_bind())
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_NEW)
