"""What becomes of one dump's result: documents, links and the ledger's word, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from ingest.errors import UnusableDump
from ingest.index.protocol import NearCopyIndex, Verdict
from ingest.index.sketch import Sketch
from ingest.model import Cleaned
from ingest.stages.deduplicate import verdicts_of
from ingest.store import documents, ledger
from ingest.store.payloads import first_sightings


def keep(
    connection: Connection,
    index: NearCopyIndex,
    cleaned: Cleaned,
    sketches: Sequence[Sketch],
    *,
    version: str,
) -> None:
    """Store a cleaned dump.  `index` is to work in the same transaction.

    Doing it again changes nothing.  Where the dump gave other documents before, those that copied them are
    judged anew.
    """
    index.remove(documents.vanished(connection, cleaned))
    verdicts = verdicts_of(cleaned.articles, sketches, index)
    seen = first_sightings(connection, [cleaned.dump_id]).get(cleaned.dump_id)
    links = [_link(verdict) for verdict in verdicts]
    source = seen[1] or None if seen else None
    changed = documents.put(connection, cleaned, links, source=source, version=version)
    while changed:  # ends: links lead to earlier documents only
        copies = documents.copies_of(connection, changed)
        changed = [c for c in copies if documents.relink(connection, c, _link(index.again(c)))]
    ledger.finish(connection, cleaned, version)


def give_up(
    connection: Connection, dump_id: str, fault: UnusableDump, *, version: str, traceback: str | None = None
) -> None:
    """Write down that a dump is dead, and why."""
    ledger.bury(connection, dump_id, fault, version, traceback)


def _link(verdict: Verdict) -> documents.Link:
    return verdict.status, verdict.of, verdict.similarity
