"""`ingest export --to`: the documents as a data set."""

from __future__ import annotations

from ingest.cli import console
from ingest.cli.commands import DONE, settings_with
from ingest.dataset.export import DataSet
from ingest.errors import UsageError
from ingest.export import Format
from ingest.settings import Settings
from ingest.store.opening import opened
from ingest.store.transactions import reading

__all__ = ["export_data_set", "settings_with"]


def export_data_set(settings: Settings, url: str, *, form: Format, only_unique: bool, alone: bool) -> int:
    """Bring a folder or bucket to what the store holds.  `alone`: no flag was given that says otherwise."""
    if not alone:
        raise UsageError("--to knows itself what is new: leave out --after, --changes and --output")
    target = DataSet(url, form, settings.near_copies, only_unique=only_unique)
    with (
        opened(settings) as engine,
        reading(engine) as connection,
        console.progress(lambda: target.stale, "exporting") as watch,
    ):
        exported = target.export(connection, watch)
    console.say(
        f"{exported.written} files written, {exported.removed} removed; "
        f"the data set holds {exported.documents} documents, up to cursor {exported.cursor}"
    )
    return DONE
