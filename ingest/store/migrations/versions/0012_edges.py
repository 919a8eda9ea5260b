"""Where a document begins and ends in the page text stands in its own row: the blocks need not be parsed for it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

# The start of the first block, the end of the last.
_EDGES = {
    "sqlite": ("json_extract(blocks, '$[0][0]')", "json_extract(blocks, '$[#-1][1]')"),
    "postgresql": ("(blocks -> 0 ->> 0)::int", "(blocks -> -1 ->> 1)::int"),
}


def upgrade() -> None:
    for name in ("start", "end"):
        op.add_column("articles", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    start, end = _EDGES[op.get_bind().dialect.name]
    op.execute(f'UPDATE articles SET start = coalesce({start}, 0), "end" = coalesce({end}, 0)')  # noqa: S608
