"""What the person reads when the service is ready."""

from __future__ import annotations

import os
from collections.abc import Sequence

from kombu.utils.url import maybe_sanitize_url
from sqlalchemy import make_url

from ingest.settings import Settings


def ready_text(settings: Settings, addresses: Sequence[str]) -> str:
    """Where it is, and how another shell works with it.  No password is shown."""
    store = make_url(settings.store_url).render_as_string()
    lines = [
        "",
        "ingest is up",
        *(f"  API      {address}" for address in addresses),
        f"  store    {store}",
        f"  queue    {maybe_sanitize_url(settings.broker) if settings.broker else 'its own'}",
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
    if "INGEST_DATA" in os.environ:
        told.append(("INGEST_DATA", str(settings.data)))
    if "INGEST_STORE" in os.environ or settings.store_url != Settings().store_url:
        told.append(("INGEST_STORE", store))
    if settings.broker:
        told.append(("INGEST_BROKER", str(maybe_sanitize_url(settings.broker))))
    return told
