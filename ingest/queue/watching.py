"""Running a watch of folders as a process."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from ingest.queue.broker import Broker, make_app
from ingest.queue.filepusher import FilePusher
from ingest.queue.inbox import Inbox
from ingest.queue.pusher import Pushed
from ingest.queue.remembered import Remembered
from ingest.queue.watch import Watch
from ingest.settings import Settings
from ingest.stopping import told_to_stop
from ingest.store.opening import opened
from ingest.store.workers import this_process
from ingest.telemetry import logs
from ingest.telemetry.heart import beating

_log = logs.logger(__name__)


def run_watch(
    folders: Sequence[str],
    settings: Settings,
    report: Callable[[Pushed], None],
    *,
    source: str | None = None,
    poll: bool = False,
    own: Collection[Path] = (),
) -> None:
    """Watch until told to stop (SIGTERM, Ctrl-C; a second one does not wait for the push that is going on).

    `own` are the store's files, if it has some.  Raises UsageError for what is no folder, Unavailable where
    broker or store cannot be reached at the start; later it waits for them.
    """
    large = [] if "://" in settings.payloads_url else [Path(settings.payloads_url)]
    inboxes = [Inbox(folder, source, [settings.data, *large, *own]) for folder in dict.fromkeys(folders)]
    # All that decides, beside its bytes, what a file gives.
    terms = f"{source} {settings.payload_bytes} {settings.containers.model_dump_json()}"
    me = this_process("watch", concurrency=0, version="")  # it cleans nothing
    with Broker(make_app(settings)) as broker:
        broker.check()
        with (
            opened(settings) as engine,
            Remembered(settings.data / "watched" / "files.sqlite", terms) as remembered,
            told_to_stop() as stopping,
            beating(settings.store_url, me),
        ):
            logs.configure(settings.log, service=True, worker=me.worker_id)
            pusher = FilePusher(engine, broker.send_clean, settings, remembered, stopping)
            Watch(inboxes, pusher, settings, stopping, poll=poll, report=report).run()
            _log.info("stopped")
