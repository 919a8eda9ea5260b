"""Who fetches says who he is."""

from __future__ import annotations

from ingest.crawl.source import Source
from ingest.errors import UsageError
from ingest.settings import Settings

NO_CONTACT = (
    "nothing is fetched without a contact: set INGEST_CRAWL__CONTACT (or contact under [crawl] in the settings) "
    "to an address or page by which sites can reach you"
)


def agent_of(settings: Settings, source: Source | None = None) -> str:
    """The user agent, of the source.  Raises UsageError where no contact is set."""
    if not settings.crawl.contact:
        raise UsageError(NO_CONTACT)
    return f"{(source and source.user_agent) or settings.crawl.user_agent} (+{settings.crawl.contact})"
