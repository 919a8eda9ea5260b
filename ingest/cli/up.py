"""What `ingest up` does.  Returns the exit code."""

from __future__ import annotations

import sys

from ingest.cli.commands import settings_with
from ingest.cli.demo import seeds, show_seeds
from ingest.errors import UsageError
from ingest.settings import Settings

__all__ = ["settings_with", "up"]


def up(settings: Settings, *, host: str, port: int, demo: bool) -> int:
    """Run the service until it is told to stop."""
    if sys.platform == "win32":
        raise UsageError(
            "`ingest up` runs on Linux and macOS: Valkey has no Windows build, and Celery's workers no Windows pool; "
            "here, use WSL, or docker compose up, or ingest run, which needs no server"
        )
    from ingest.up.log import Log
    from ingest.up.main import Service

    log = Log()
    folder = seeds() if demo else None
    settings = settings.model_copy(update={"data": settings.data.absolute()})
    then = (lambda found: show_seeds(folder, found, log)) if folder else None
    return Service(settings, log, host, port, then).run()
