"""The store's schema, step by step (alembic).

A new step: change `ingest.store.schema`, write `versions/NNNN_what_it_does.py` by hand after the pattern
there, raise `REVISION`.  A test compares what the steps build with the tables' definitions.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from ingest.errors import UsageError


def config_on(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file; steps run on the connection, in its transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Bring the store to the newest schema.  Raises UsageError where it is of a later version than ours."""
    try:
        command.upgrade(config_on(connection), "head")
    except CommandError as error:
        raise UsageError(
            f"this store was made by another version of ingest, probably a newer one: {error}"
        ) from error
