"""Order of arrival, retractions, payloads aside, and the tables of the API and of the signs of life."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("dumps", sa.Column("aside", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(
        "articles", sa.Column("was_unique", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute(
        "UPDATE articles SET was_unique = NOT EXISTS "
        "(SELECT 1 FROM links WHERE links.document_id = articles.document_id)"
    )
    op.create_index("ix_articles_source", "articles", ["source"], unique=False)
    _widen_positions()
    _number_arrivals()
    op.create_table(
        "retractions",
        sa.Column("document_id", sa.String(length=128), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("dump_id", sa.String(length=64), nullable=False),
        sa.Column("retracted_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["dump_id"], ["dumps.dump_id"], name="fk_retractions_dump_id_dumps"),
        sa.PrimaryKeyConstraint("document_id", name="pk_retractions"),
        sa.UniqueConstraint("seq", name="uq_retractions_seq"),
    )
    op.create_table(
        "tokens",
        sa.Column("token_id", sa.String(length=16), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.String(length=32), nullable=True),
        sa.Column("revoked_at", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("token_id", name="pk_tokens"),
    )
    op.create_table(
        "requests",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("dump_ids", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_requests"),
    )
    op.create_index("ix_requests_created_at", "requests", ["created_at"], unique=False)
    op.create_table(
        "workers",
        sa.Column("worker_id", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("concurrency", sa.Integer(), nullable=False),
        sa.Column("pipeline_version", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.String(length=32), nullable=False),
        sa.Column("seen_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", name="pk_workers"),
    )
    op.create_index("ix_workers_seen_at", "workers", ["seen_at"], unique=False)


def _widen_positions() -> None:
    """A position is now the dump's arrival times 65536, and the document's part.

    Documents known so far keep their order: each as if it had come in a dump of its own.
    """
    if op.get_bind().dialect.name != "sqlite":  # there, an integer has 64 bits already
        op.alter_column("sketches", "position", type_=sa.BigInteger())
        op.alter_column("bands", "position", type_=sa.BigInteger())
    for table in ("sketches", "bands"):
        # By way of negative numbers, so that no new key meets an old one.
        op.execute(f"UPDATE {table} SET position = -(position * 65536)")  # noqa: S608
        op.execute(f"UPDATE {table} SET position = -position")  # noqa: S608


def _number_arrivals() -> None:
    op.add_column("ledger", sa.Column("arrival", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE ledger SET arrival = (SELECT min(s.position) / 65536 FROM sketches s "
        "JOIN articles a ON a.document_id = s.document_id WHERE a.dump_id = ledger.dump_id)"
    )
    op.execute(
        "UPDATE ledger SET arrival = n FROM (SELECT l.dump_id AS dump_id, "
        "(SELECT coalesce(max(position), 0) / 65536 FROM sketches) "
        "+ row_number() OVER (ORDER BY d.received_at, l.dump_id) AS n FROM ledger l "
        "JOIN dumps d ON d.dump_id = l.dump_id WHERE l.arrival IS NULL) AS later "
        "WHERE ledger.dump_id = later.dump_id"
    )
    with op.batch_alter_table("ledger") as batch:
        batch.alter_column("arrival", existing_type=sa.BigInteger(), nullable=False)
        batch.create_unique_constraint("uq_ledger_arrival", ["arrival"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE arrivals")
        op.execute("SELECT setval('arrivals', (SELECT coalesce(max(arrival), 0) + 1 FROM ledger), false)")
        return
    op.execute(
        "INSERT INTO counters (name, value) "
        "SELECT 'arrivals', max(arrival) FROM ledger HAVING max(arrival) IS NOT NULL"
    )
    op.execute("DELETE FROM counters WHERE name = 'sketches'")
