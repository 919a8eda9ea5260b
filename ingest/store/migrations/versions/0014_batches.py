"""New documents of SQLite come into the full text by the batch, and copies alone into the index of originals."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_IS_COPY = sa.text("duplicate_of IS NOT NULL")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER articles_searchable_new")
    op.drop_index("ix_articles_duplicate_of", "articles")
    op.create_index(
        "ix_articles_duplicate_of",
        "articles",
        ["duplicate_of"],
        unique=False,
        sqlite_where=_IS_COPY,
        postgresql_where=_IS_COPY,
    )
