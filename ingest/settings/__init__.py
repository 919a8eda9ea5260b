"""Typed settings: flags over environment over secrets over config/ over the defaults here.

The environment's names are the field's with ``INGEST_`` before it (``INGEST_STORE``,
``INGEST_CLEANING__SPLIT_AT``); an empty one is as none, for compose files and shells make such.
Secrets are files in the folder that ``INGEST_SECRETS`` names, if it names one: ``ingest_store``,
``ingest_broker``.  The file is ``default.toml`` in the folder that ``INGEST_CONFIG`` names, else in
``config/`` below the working folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.settings.arrivals import Containers, Watch
from ingest.settings.cleaning import Cleaning
from ingest.settings.consumers import Api, Outbox
from ingest.settings.crawl import Crawl
from ingest.settings.documents import NearCopies, Sites
from ingest.settings.operating import Log, Metrics
from ingest.settings.queue import Queue

if TYPE_CHECKING:
    from ingest.settings.main import Settings

__all__ = [
    "Api",
    "Cleaning",
    "Containers",
    "Crawl",
    "Log",
    "Metrics",
    "NearCopies",
    "Outbox",
    "Queue",
    "Settings",
    "Sites",
    "Watch",
]


def __getattr__(name: str) -> Any:
    """`Settings` is loaded when first used: the processes that clean are given theirs, and need no files and flags."""
    if name != "Settings":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ingest.settings.main import Settings

    globals()[name] = Settings
    return Settings
