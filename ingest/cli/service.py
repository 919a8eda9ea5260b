"""What the commands of the service do.  Every function returns the exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ingest.cli import console
from ingest.cli.commands import DONE, SOME_DEAD, files_of, settings_with
from ingest.queue import Pushed, Pusher
from ingest.queue.broker import Broker, make_app
from ingest.readers.files import places_of
from ingest.readers.inputs import Inputs
from ingest.redaction import redacted
from ingest.settings import Settings
from ingest.store.opening import migrate as bring_up
from ingest.store.opening import opened
from ingest.store.schema import REVISION

__all__ = ["beat", "migrate", "push_inputs", "settings_with", "watch_folders", "worker"]

NOT_ALIVE = 1


def push_inputs(inputs: Sequence[str], settings: Settings, *, source: str | None) -> int:
    """Put what the inputs name on the queue; a line for each dump on stdout: its id."""
    places = places_of(inputs, source=source, skip=files_of(settings.store_url))
    dumps = Inputs(places, settings)
    with Broker(make_app(settings)) as broker:
        broker.check()  # before anything is written: most often it is the address that is wrong
        with opened(settings) as engine, console.progress(lambda: dumps.total, "pushing") as watch:
            pushed = Pusher(engine, broker.send_clean, settings).push(dumps, watch)
    for dump_id in pushed.dump_ids:
        sys.stdout.write(dump_id + "\n")
    console.say(
        f"{len(pushed.dump_ids)} dumps: {pushed.queued} queued, {pushed.known} known before, "
        f"{len(pushed.dead)} could not be read"
    )
    console.print_dead(pushed.dead)
    return SOME_DEAD if pushed.dead else DONE


def watch_folders(folders: Sequence[str], settings: Settings, *, source: str | None, poll: bool) -> int:
    """Watch until stopped; a line for each dump on stdout: its id.  What else is to be said, the log says."""
    from ingest.queue.watching import run_watch

    run_watch(folders, settings, _print_ids, source=source, poll=poll, own=files_of(settings.store_url))
    return DONE


def _print_ids(pushed: Pushed) -> None:
    sys.stdout.writelines(f"{dump_id}\n" for dump_id in pushed.dump_ids)
    sys.stdout.flush()


def migrate(settings: Settings) -> int:
    """Bring the store to today's schema, and say what that meant."""
    before = bring_up(settings.store_url)
    shown = redacted(settings.store_url)
    if before == REVISION:
        sys.stdout.write(f"{shown} is at revision {REVISION}: nothing to do\n")
    else:
        sys.stdout.write(f"{shown} brought from {before or 'nothing'} to revision {REVISION}\n")
    return DONE


def worker(settings: Settings, *, queues: str | None, check: bool) -> int:
    """Work until stopped."""
    from workers.app import READ, queues_named
    from workers.main import is_alive, run_worker

    if check:
        return DONE if is_alive(settings, "worker") else NOT_ALIVE
    return run_worker(settings, queues_named(queues) if queues is not None else READ)


def beat(settings: Settings, *, check: bool) -> int:
    """Send what is due until stopped."""
    from workers.main import is_alive, run_beat

    if check:
        return DONE if is_alive(settings, "beat") else NOT_ALIVE
    return run_beat(settings)
