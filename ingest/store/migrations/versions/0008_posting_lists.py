"""The near-copy index has a row for each shingle, not for each shingle of each document; links say "contained"."""

import sqlalchemy as sa
from alembic import op

from ingest.store.rareshingles import rebuild

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.drop_table("rare_shingles")
    op.create_table(
        "rare_shingles",
        sa.Column(
            "shingle",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("documents", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("shingle", name="pk_rare_shingles"),
    )
    with op.batch_alter_table("links") as links:
        links.alter_column("kind", type_=sa.String(length=16), existing_nullable=False)
    rebuild(op.get_bind(), algorithm=2, minimum_shingles=16)
