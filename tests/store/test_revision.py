from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from ingest.errors import UsageError
from ingest.store.engines import engine_on, url_of
from ingest.store.migrations import config_on, upgrade
from ingest.store.opening import open_engine
from ingest.store.schema import REVISION, metadata
from ingest.store.transactions import reading, writing


@pytest.fixture
def migrated(store_url: str) -> Iterator[Engine]:
    """A store that came all the way, step by step."""
    engine = engine_on(url_of(store_url))
    if engine.dialect.name == "sqlite":
        Path(str(engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
    with writing(engine) as connection:
        upgrade(connection)
    yield engine
    engine.dispose()


def test_a_store_made_at_once_is_one_that_was_migrated(migrated: Engine, tmp_path: Path) -> None:
    """Also in what `metadata` does not tell: triggers, functions, the full text."""
    made = open_engine(f"sqlite:///{tmp_path / 'made.sqlite'}") if migrated.dialect.name == "sqlite" else None
    with reading(migrated) as connection:
        by_steps = _laid_out(connection)
    if made is None:
        with writing(migrated) as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        made = open_engine(migrated.url.render_as_string(hide_password=False))
    with reading(made) as connection:
        assert _laid_out(connection) == by_steps
    made.dispose()


def _laid_out(connection: Connection) -> dict[str, object]:
    """Tables with their columns (in any order: a step adds them at the end), keys and indexes, and what else there is."""
    here = inspect(connection)
    tables = {
        name: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in here.get_columns(name)
            },
            "key": here.get_pk_constraint(name),
            "foreign": sorted(map(str, here.get_foreign_keys(name))),
            "unique": sorted(map(str, here.get_unique_constraints(name))),
        }
        for name in here.get_table_names()
    }
    others = {
        "sqlite": "SELECT type, name, sql FROM sqlite_master WHERE type <> 'table' OR sql LIKE '%VIRTUAL%'",
        "postgresql": (
            "SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
            "UNION SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
            "UNION SELECT 'sequence', relname, '' FROM pg_class WHERE relkind = 'S' "
            "UNION SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        ),
    }[connection.dialect.name]
    return {**tables, "others": sorted(map(str, connection.execute(text(others))))}


def test_migrations_build_what_the_tables_say(migrated: Engine) -> None:
    with reading(migrated) as connection:
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
