"""What the tables share."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, MetaData

# Named constraints: a later migration can drop what has a name.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# A key that counts in 64 bits everywhere, and is SQLite's own rowid there: half the size.
Position = BigInteger().with_variant(Integer, "sqlite")
