"""Near-copies are told by rare shingles of characters; sketches of words cannot be compared with these.

What is kept of a document is its exact text's hash; `ingest replay` brings the rest.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.drop_table("bands")
    op.create_table(
        "rare_shingles",
        sa.Column("shingle", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("shingle", "position", name="pk_rare_shingles"),
        sqlite_with_rowid=False,
    )
    op.add_column("sketches", sa.Column("algorithm", sa.Integer(), nullable=False, server_default="1"))
    op.add_column(
        "sketches", sa.Column("numbers", sa.LargeBinary(), nullable=False, server_default=sa.text("''"))
    )
    empty = sa.table("sketches", sa.column("size", sa.Integer), sa.column("shingles", sa.LargeBinary))
    op.execute(empty.update().values(size=0, shingles=b""))
    with op.batch_alter_table("sketches") as batch:
        batch.drop_column("bands")
