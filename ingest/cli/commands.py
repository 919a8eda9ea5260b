"""What each command does.  Every function returns the exit code; the shapes of flags are `ingest.cli`'s."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy import Engine

from ingest import export
from ingest.cli import console
from ingest.cli.show import dump_line, explained, found_by, page_of, printable
from ingest.cli.summary import summary_of
from ingest.errors import UsageError
from ingest.model import Dump
from ingest.readers.files import places_of
from ingest.readers.inputs import Inputs
from ingest.settings import Log, Settings
from ingest.store import ledger, records, workers
from ingest.store.engines import url_of
from ingest.store.opening import opened
from ingest.store.payloads import dumps_in
from ingest.store.representatives import representatives
from ingest.store.transactions import reading, writing
from ingest.store.values import portions

if TYPE_CHECKING:
    from ingest.run.job import Report

DONE, SOME_DEAD, INTERRUPTED = 0, 1, 130


def settings_with(**flags: Any) -> Settings:
    """The settings, flags that were given above all else; this process logs as they say from now on.

    Raises UsageError naming what is wrong.
    """
    try:
        settings = Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise UsageError(f"wrong setting: {wrong}") from error
    except SettingsError as error:  # a section that is no JSON
        raise UsageError(f"wrong setting: {error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"the configuration file default.toml cannot be read: {error}") from error
    if settings.log != Log():  # untold, a command shows warnings as Python does, and nothing is to load
        from ingest.telemetry import logs

        logs.configure(settings.log)
    return settings


def run_inputs(
    inputs: Sequence[str],
    settings: Settings,
    *,
    output: str,
    form: export.Format,
    only_unique: bool,
    source: str | None,
) -> int:
    """Clean what the inputs name, and write the documents that they gave, in the inputs' order."""
    target = export.target_of(output, form)
    own = [*files_of(settings.store_url), *([target] if target else [])]
    places = places_of(inputs, source=source, skip=own)
    dumps = Inputs(places, settings)
    with opened(settings) as engine:
        report = _run(dumps, lambda: dumps.total, engine, settings)
        if report.interrupted:
            return _interrupted(report, dumps.total)
        with reading(engine) as connection:
            found: Iterable[records.Record] = records.records_of(connection, report.dump_ids)
            if only_unique:
                found = representatives(connection, found, settings.near_copies)
            number = export.write(found, target, form)
            summary = summary_of(connection, report.dump_ids)
    console.print_summary(report, summary, _written(number, target))
    console.print_dead(report.dead)
    return SOME_DEAD if report.dead else DONE


def export_changes(
    settings: Settings, *, after: int, output: str, form: export.Format, only_unique: bool
) -> int:
    """Write what was made, changed and taken back since the cursor, and say where the next export is to begin."""
    if form != "jsonl":
        raise UsageError("changes are written as JSON lines: leave out --format")
    target = export.target_of(output, form)
    if only_unique and settings.near_copies.representative != "first":
        console.say(
            "--changes writes the first of each group of copies, whatever near_copies.representative says: "
            "ingest export --to follows it"
        )
    cursor = after

    def passing(found: Iterable[records.Change]) -> Iterator[records.Change]:
        nonlocal cursor
        for change in found:
            yield change
            cursor = change.cursor

    with opened(settings) as engine, reading(engine) as connection:
        changes = passing(records.changes_after(connection, after))
        number = export.write_changes(changes, target, only_unique=only_unique)
    if number is not None:
        console.say(f"{number} changes; next: --after {cursor}")
    return DONE


def export_documents(
    settings: Settings, *, after: int, output: str, form: export.Format, only_unique: bool
) -> int:
    """Write documents made or changed since the cursor, and say where the next export is to begin."""
    target = export.target_of(output, form)
    cursor = after

    def passing(found: Iterable[tuple[int, records.Record]]) -> Iterator[records.Record]:
        nonlocal cursor
        for seq, record in found:
            yield record
            cursor = seq

    with opened(settings) as engine, reading(engine) as connection:
        found = passing(records.records_after(connection, after))
        if only_unique:
            found = representatives(connection, found, settings.near_copies)
        number = export.write(found, target, form)
    if number is not None:  # else the reader went away, and nobody knows what it got
        console.say(f"{number} documents; next: --after {cursor}")
    return DONE


def show(prefix: str, settings: Settings, *, removed: bool, as_json: bool) -> int:
    """Print a document, or a dump with all its documents."""
    with opened(settings) as engine, reading(engine) as connection:
        found = found_by(connection, prefix)
        if as_json:
            for record in found.records:
                sys.stdout.write(export.json_line(record) + "\n")
            return DONE
        sys.stdout.write(printable(dump_line(connection, found.dump_id)) + "\n\n")
        sys.stdout.flush()
        for record in found.records:
            console.print_document(record, with_text=not removed, reasons=explained(connection, record))
        if removed:
            console.print_page(page_of(connection, found.dump_id))
    return DONE


def status(settings: Settings, *, as_json: bool) -> int:
    """Print the ledger at a glance."""
    with opened(settings) as engine, reading(engine) as connection:
        dumps, documents = ledger.counts(connection), records.status_counts(connection)
        alive = workers.alive(connection)
        if as_json:
            shown = {"dumps": dumps, "documents": documents, "workers": [asdict(one) for one in alive]}
            sys.stdout.write(json.dumps(shown) + "\n")
        else:
            console.print_status(dumps, documents, records.without_article(connection), alive)
    return DONE


def dead_list(settings: Settings) -> int:
    with opened(settings) as engine, reading(engine) as connection:
        console.print_dead_list(ledger.dead(connection))
    return DONE


def dead_show(prefix: str, settings: Settings) -> int:
    with opened(settings) as engine, reading(engine) as connection:
        console.print_dead_dump(dead_like(ledger.dead(connection), prefix))
    return DONE


def run_again(settings: Settings, engine: Engine, dump_ids: Sequence[str]) -> Report:
    """Clean stored dumps again, here and now, with all their attempts before them."""
    for some in portions(dump_ids):
        with writing(engine) as connection:
            ledger.open_again(connection, some)
    return _run(_stored(engine, dump_ids), lambda: len(dump_ids), engine, settings)


def end_again(engine: Engine, report: Report, without_bytes: Sequence[ledger.Dead] = ()) -> int:
    """Say how that went.  -> exit code."""
    if report.interrupted:
        return _interrupted(report, len(report.dump_ids))
    with reading(engine) as connection:
        summary = summary_of(connection, report.dump_ids)
    console.print_summary(report, summary, None)
    left = [*report.dead, *without_bytes]
    console.print_dead(left)
    return SOME_DEAD if left else DONE


def _run(dumps: Iterable[Dump], total: Callable[[], int], engine: Engine, settings: Settings) -> Report:
    from ingest.run.main import run  # here: the commands that only look need not load what cleans

    with console.progress(total, "cleaning") as watch:
        return run(dumps, engine, settings, watch=watch)


def _stored(engine: Engine, dump_ids: Sequence[str]) -> Iterator[Dump]:
    for some in portions(dump_ids, 8):  # few: each comes with its bytes
        with reading(engine) as connection:
            dumps = dumps_in(connection, some)
        yield from dumps


def _interrupted(report: Report, total: int) -> int:
    kept = report.done + report.known
    console.say(
        f"interrupted: {kept} of {total} dumps are finished and kept, no output was written; "
        "the same command again continues"
    )
    return INTERRUPTED


def dead_like(dead: Sequence[ledger.Dead], prefix: str) -> ledger.Dead:
    matches = [dump for dump in dead if prefix and dump.dump_id.startswith(prefix)]
    if len(matches) != 1:
        count = "no dead dump has" if not matches else f"{len(matches)} dead dumps have"
        raise UsageError(f"{count} an id that begins with {prefix!r}: see ingest dead list")
    return matches[0]


def files_of(store_url: str) -> list[Path]:
    """The files of a store, which no run is to take for input.  Raises UsageError for an URL that names no store."""
    if not store_url.startswith("sqlite:"):
        return []
    path = url_of(store_url).database or ""
    return [Path(path + ending) for ending in ("", "-wal", "-shm", "-journal")] if path else []


def _written(number: int | None, target: Path | None) -> str | None:
    if number is None:
        return None
    return f"{number} documents written to {target or 'standard output'}"
