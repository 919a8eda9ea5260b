"""Who holds a dump in work, and finding those without news for long."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("ledger", sa.Column("holder", sa.String(length=64), nullable=True))
    op.drop_index("ix_ledger_state", table_name="ledger")
    op.create_index("ix_ledger_state_updated_at", "ledger", ["state", "updated_at"], unique=False)
