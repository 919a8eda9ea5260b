"""What a document copies stands in its own row: who asks for the feed need not look it up document by document."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_LINK = "(SELECT {} FROM links WHERE links.document_id = articles.document_id)"


def upgrade() -> None:
    op.add_column("articles", sa.Column("duplicate_of", sa.String(length=128), nullable=True))
    op.add_column("articles", sa.Column("copy_kind", sa.String(length=16), nullable=True))
    op.add_column("articles", sa.Column("similarity", sa.Float(), nullable=True))
    of, kind, similarity = map(_LINK.format, ("duplicate_of", "kind", "similarity"))
    op.execute(
        f"UPDATE articles SET duplicate_of = {of}, copy_kind = {kind}, similarity = {similarity} "  # noqa: S608
        "WHERE document_id IN (SELECT document_id FROM links)"
    )
    op.create_index("ix_articles_duplicate_of", "articles", ["duplicate_of"], unique=False)
    op.drop_table("links")
