"""What the person reads when the service is ready."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ingest.redaction import redacted
from ingest.settings import Settings


def ready_text(settings: Settings, addresses: Sequence[str]) -> str:
    """Where it is, and how another shell works with it.  No password is shown."""
    store = redacted(settings.store_url)
    lines = [
        "",
        "ingest is up",
        *(f"  API      {address}" for address in addresses),
        f"  store    {store}",
        f"  queue    {redacted(settings.broker) if settings.broker else 'its own'}",
        f"  workers  {settings.workers}",
        "",
        "In another shell:",
        *(f"  export {name}={value}" for name, value in _to_be_told(settings, store)),
        "  ingest push FILE...    put dumps on the queue",
        "  ingest status          how far they are",
        "  ingest export          the documents",
        "Ctrl-C stops it; nothing is lost.",
        "",
        "",
    ]
    return "\n".join(lines)


def _to_be_told(settings: Settings, store: str) -> list[tuple[str, str]]:
    """What another shell would not know of itself: flags of this command, and its environment."""
    told = []
    if os.environ.get("INGEST_DATA"):
        told.append(("INGEST_DATA", str(settings.data)))
    if os.environ.get("INGEST_STORE") or settings.store_url != Settings().store_url:
        told.append(("INGEST_STORE", store))
    if settings.broker:
        told.append(("INGEST_BROKER", redacted(settings.broker)))
    return told
