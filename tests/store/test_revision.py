from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from ingest.errors import UsageError
from ingest.store.migrations import config_on
from ingest.store.opening import open_engine
from ingest.store.schema import REVISION, metadata
from ingest.store.transactions import reading, writing


def test_migrations_build_what_the_tables_say(engine: Engine) -> None:
    with reading(engine) as connection:
        # The full text is no table of ours: each database keeps it in its own way.
        ours = {
            "compare_type": True,
            "include_name": lambda name, kind, _: kind != "table" or name in metadata.tables,
        }
        context = MigrationContext.configure(connection, opts=ours)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == REVISION


def test_revision_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(config_on()).get_current_head() == REVISION


def test_a_store_of_a_later_version_is_left_alone(store_url: str, engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UsageError, match="newer"):
        open_engine(store_url)
