"""Where the stories of a dump open, before and after a person's word on it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from ingest.model import Cleaned
from ingest.store import records

NO_OTHER_STORIES = (
    "so the dump tells the same stories as before: a story of its own needs a few sentences, and the first one opens "
    "with the page"
)


def stories_in(connection: Connection, dump_id: str) -> Mapping[str, int]:
    """Of each document that the dump gave, where its first block begins."""
    first: dict[str, int] = {}
    for document_id, block in records.blocks_of(connection, dump_id):
        first.setdefault(document_id, block.start)
    return first


def stories_of(cleaned: Cleaned) -> Mapping[str, int]:
    """The same of a result."""
    return {article.document_id: article.blocks[0].start for article in cleaned.articles if article.blocks}
