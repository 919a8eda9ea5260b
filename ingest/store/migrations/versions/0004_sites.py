"""What sources repeat."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "page_lines",
        sa.Column("dump_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("arrival", sa.BigInteger(), nullable=False),
        sa.Column("furniture", sa.String(length=16), nullable=False),
        sa.Column("lines", sa.LargeBinary(), nullable=True),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["dump_id"], ["dumps.dump_id"], name="fk_page_lines_dump_id_dumps"),
        sa.PrimaryKeyConstraint("dump_id", name="pk_page_lines"),
    )
    op.create_index("ix_page_lines_source_arrival", "page_lines", ["source", "arrival"], unique=False)
    op.create_index(
        "ix_page_lines_source",
        "page_lines",
        ["source"],
        unique=False,
        sqlite_where=sa.text("fresh = 1"),
        postgresql_where=sa.text("fresh"),
    )
    op.create_table(
        "sites",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("stories", sa.Integer(), nullable=False),
        sa.Column("learned_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_sites"),
    )
    op.create_table(
        "site_lines",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("line", sa.String(length=200), nullable=False),
        sa.Column("example", sa.Text(), nullable=False),
        sa.Column("stories", sa.Integer(), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.Column("word", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["sites.source"], name="fk_site_lines_source_sites"),
        sa.PrimaryKeyConstraint("source", "line", name="pk_site_lines"),
    )
