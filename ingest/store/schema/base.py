"""What the tables share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Connection, Index, Integer, MetaData, event, text

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


def partial(column: str, **where: str) -> Index:
    """An index of those rows for which this holds, as each database, by its name, writes it.

    SQLAlchemy hears of it when tables are made: told at once, it loads the drivers of all databases in every process.
    """
    index = Index(None, column)

    @event.listens_for(metadata, "before_create")
    def tell(_metadata: MetaData, connection: Connection, **_: Any) -> None:
        database = connection.dialect.name
        index.dialect_options[database]["where"] = text(where[database])

    return index
