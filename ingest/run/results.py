"""What becomes of dumps' results: documents, links and the ledger's word, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from ingest.errors import UnusableDump
from ingest.index.protocol import NearCopyIndex, Verdict
from ingest.index.sketch import Sketch
from ingest.index.sql import SqlIndex
from ingest.model import Cleaned
from ingest.run.worker import Failure, Success
from ingest.settings import Settings
from ingest.stages.deduplicate import entries_of
from ingest.store import documents, ledger
from ingest.store.payloads import first_sightings

Result = tuple[Cleaned, Sequence[Sketch]]


def write_results(
    connection: Connection, results: Mapping[str, Success | Failure], settings: Settings, *, version: str
) -> None:
    """Write what became of dumps, by dump_id: documents, or why there are none."""
    index = SqlIndex(connection, settings.near_copies)
    kept = [(result.cleaned, result.sketches) for result in results.values() if isinstance(result, Success)]
    keep(connection, index, kept, version=version)
    for dump_id, result in results.items():
        if isinstance(result, Failure):
            fault = UnusableDump(result.reason, result.message)
            ledger.bury(connection, dump_id, fault, version, result.traceback)


def keep(connection: Connection, index: NearCopyIndex, results: Sequence[Result], *, version: str) -> None:
    """Store cleaned dumps, which the store has received.  `index` is to work in the same transaction.

    Doing it again changes nothing, and the order in which dumps come here makes no difference in the end:
    documents that were judged before one that they copy was known are judged anew; so are those that copied a
    document that changed or is no more.
    """
    dump_ids = [cleaned.dump_id for cleaned, _ in results]
    places = ledger.places_to_store(connection, dump_ids)
    results = sorted(results, key=lambda result: places[result[0].dump_id].arrival)
    cleaned = [one for one, _ in results]
    seen = first_sightings(connection, dump_ids)
    sources = {dump_id: sighting[1] or None for dump_id, sighting in seen.items()}
    before = documents.before(connection, [c.dump_id for c in cleaned if places[c.dump_id].cleaned_before])
    entries = [e for c, sketches in results for e in entries_of(c, sketches, places[c.dump_id].arrival)]
    index.remove(documents.vanished(before, cleaned))
    judged = index.add(entries)
    links = {
        entry.document_id: _link(verdict) for entry, verdict in zip(entries, judged.verdicts, strict=True)
    }
    changed = documents.put(connection, cleaned, links, before, sources=sources, version=version)
    changed += _relink(connection, index, judged.unsettled)
    while changed:  # ends: links lead to earlier documents only
        changed = _relink(connection, index, documents.copies_of(connection, changed))
    ledger.finish(connection, cleaned, version)


def _relink(connection: Connection, index: NearCopyIndex, document_ids: Sequence[str]) -> list[str]:
    """Judge anew.  -> those whose link or cluster changed."""
    verdicts = index.again(document_ids) if document_ids else []
    return [
        document_id
        for document_id, verdict in zip(document_ids, verdicts, strict=True)
        if documents.relink(connection, document_id, _link(verdict))
    ]


def _link(verdict: Verdict) -> documents.Link:
    return verdict.status, verdict.of, verdict.similarity
