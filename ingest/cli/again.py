"""`ingest dead retry` and `ingest replay`: on the queue where there is one, else here and now."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

from ingest.cli import console
from ingest.cli.commands import DONE, INTERRUPTED, SOME_DEAD, dead_like, end_again, run_again, settings_with
from ingest.cli.show import found_by
from ingest.errors import UsageError
from ingest.index.opening import rebuild_lists
from ingest.queue.again import Replayed, replay, send_again
from ingest.queue.broker import Broker, make_app
from ingest.settings import Settings
from ingest.store import ledger
from ingest.store.opening import opened
from ingest.store.transactions import in_turn, reading, writing
from ingest.version import VERSION

__all__ = ["dead_retry", "reindex", "replay_dumps", "settings_with"]

_PAGE = 10_000  # ids read at once


def dead_retry(prefixes: Sequence[str], settings: Settings, *, every: bool) -> int:
    """Clean dead dumps again; those without bytes stay dead and are named."""
    if every == bool(prefixes):
        raise UsageError("say which: ids of dead dumps, or --all")
    with opened(settings) as engine:
        with reading(engine) as connection:
            dead = ledger.dead(connection)
        chosen = dead if every else [dead_like(dead, prefix) for prefix in dict.fromkeys(prefixes)]
        ids = [dump.dump_id for dump in chosen if dump.has_payload]
        hollow = [dump for dump in chosen if not dump.has_payload]
        if not settings.broker:
            return end_again(engine, run_again(settings, engine, ids), hollow)
        with Broker(make_app(settings)) as broker:
            broker.check()
            sent = send_again(engine, broker.send_clean, ids, settings)
    console.say(f"{sent} dumps queued again: ingest status tells how they fare")
    console.print_dead(hollow)
    return SOME_DEAD if hollow else DONE


def replay_dumps(
    prefixes: Sequence[str], settings: Settings, *, every: bool, source: str | None, after: int
) -> int:
    """Clean stored dumps again: the named ones, or those of another pipeline version or other furniture, or all."""
    if prefixes and (every or source or after):
        raise UsageError("give ids of dumps or documents, or --all, --source, --after: not both")
    selection = ledger.Selection(None if every else VERSION, source)
    with opened(settings) as engine:
        if not settings.broker:
            ids = _named(engine, prefixes) if prefixes else _selected(engine, selection, after)
            if not ids:
                console.say(
                    "nothing to do: all was cleaned by this pipeline and with what is known of its source"
                )
                return DONE
            return end_again(engine, run_again(settings, engine, ids))
        with Broker(make_app(settings)) as broker:
            broker.check()
            if prefixes:
                sent = send_again(engine, broker.send_clean, _named(engine, prefixes), settings)
                console.say(f"{sent} dumps queued again")
                return DONE
            return _replay(engine, broker, selection, settings, after)


def reindex(settings: Settings) -> int:
    """Make the near-copy index's lists anew from the store, where they are kept."""
    with opened(settings) as engine, writing(engine) as connection:
        in_turn(connection)
        number = rebuild_lists(connection, settings)
    console.say(f"{number} documents indexed")
    return DONE


def _replay(
    engine: Engine, broker: Broker, selection: ledger.Selection, settings: Settings, after: int
) -> int:
    progress = Replayed(arrival=after)
    with reading(engine) as connection:
        total = ledger.count_done(connection, selection, after)
    try:
        with console.progress(lambda: total, "replaying") as watch:
            replay(engine, broker.send_clean, selection, settings, progress, watch)
    except KeyboardInterrupt:
        console.say(f"interrupted: {progress.sent} dumps queued again; to go on: --after {progress.arrival}")
        return INTERRUPTED
    console.say(f"{progress.sent} dumps queued again")
    return DONE


def _named(engine: Engine, prefixes: Sequence[str]) -> list[str]:
    with reading(engine) as connection:
        return list(dict.fromkeys(found_by(connection, prefix).dump_id for prefix in prefixes))


def _selected(engine: Engine, selection: ledger.Selection, after: int) -> list[str]:
    ids: list[str] = []
    with reading(engine) as connection:
        while page := ledger.done_after(connection, selection, after, _PAGE):
            ids += [dump_id for _, dump_id in page]
            after = page[-1][0]
    return ids
