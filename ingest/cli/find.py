"""`ingest search` and `ingest corrections`: what they print."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from ingest.cli.commands import DONE, settings_with
from ingest.cli.console import say
from ingest.cli.show import printable
from ingest.export import json_line
from ingest.review.training import corrected_dumps, judged_pairs
from ingest.settings import Settings
from ingest.store.opening import opened
from ingest.store.search import query_of, search
from ingest.store.transactions import reading

__all__ = ["corrections", "search_documents", "settings_with"]


def search_documents(words: str, settings: Settings, *, source: str | None, limit: int, as_json: bool) -> int:
    """Print the documents that match, the newest first.  Raises UsageError for a query that looks for nothing."""
    query = query_of(words)
    with opened(settings) as engine, reading(engine) as connection:
        hits = search(connection, query, limit=limit, source=source)
    for hit in hits:
        if as_json:
            row = {name: value for name, value in asdict(hit).items() if name != "seq"}
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
            continue
        facts = "  ".join(fact for fact in (hit.published, hit.source, hit.language, hit.status) if fact)
        title = hit.title or "(no title)"
        sys.stdout.write(printable(f"{hit.document_id}  {facts}\n  {title}\n  {hit.excerpt}\n\n"))
    if not as_json:
        say(
            f"{len(hits)} documents"
            if len(hits) < limit
            else f"the newest {limit} documents; more with --limit"
        )
    return DONE


def corrections(settings: Settings, *, links: bool = False) -> int:
    """Print every corrected dump, or every judged pair of documents, as a line of JSON, to learn from."""
    number = 0
    with opened(settings) as engine, reading(engine) as connection:
        rows = judged_pairs(connection) if links else corrected_dumps(connection)
        for number, row in enumerate(rows, 1):  # noqa: B007  (the last number is the count)
            sys.stdout.write(json_line(row) + "\n")
    say(f"{number} {'judged pairs' if links else 'corrected dumps'}")
    return DONE
