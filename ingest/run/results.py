"""What becomes of dumps' results: documents, links and the ledger's word, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from ingest.errors import UnusableDump
from ingest.index.opening import index_on
from ingest.index.protocol import NearCopyIndex, Verdict
from ingest.run.worker import Failure, Success
from ingest.settings import Settings
from ingest.stages.deduplicate import entries_of
from ingest.store import documents, ledger, sites
from ingest.store.payloads import Sighting, first_sightings


def write_results(
    connection: Connection, results: Mapping[str, Success | Failure], settings: Settings, *, version: str
) -> None:
    """Write what became of dumps, by dump_id: documents, or why there are none."""
    index = index_on(connection, settings)
    kept = [result for result in results.values() if isinstance(result, Success)]
    if not settings.sites.learn:
        kept = [replace(result, lines=None) for result in kept]
    keep(connection, index, kept, version=version)
    for dump_id, result in results.items():
        if isinstance(result, Failure):
            fault = UnusableDump(result.reason, result.message)
            ledger.bury(connection, dump_id, fault, version, result.traceback)


def keep(connection: Connection, index: NearCopyIndex, results: Sequence[Success], *, version: str) -> None:
    """Store cleaned dumps, which the store has received.  `index` is to work in the same transaction.

    Doing it again changes nothing, and the order in which dumps come here makes no difference in the end:
    documents that were judged before one that they copy was known are judged anew; so are those that copied a
    document that changed or is no more.
    """
    dump_ids = [result.cleaned.dump_id for result in results]
    places = ledger.places_to_store(connection, dump_ids)
    results = sorted(results, key=lambda result: places[result.cleaned.dump_id].arrival)
    cleaned = [result.cleaned for result in results]
    seen = first_sightings(connection, dump_ids)
    sources = {dump_id: sighting[1] or None for dump_id, sighting in seen.items()}
    sites.note(connection, _notes(results, places, seen))
    before = documents.before(connection, [c.dump_id for c in cleaned if places[c.dump_id].cleaned_before])
    entries = [
        e for r in results for e in entries_of(r.cleaned, r.sketches, places[r.cleaned.dump_id].arrival)
    ]
    index.remove(documents.vanished(before, cleaned))
    judged = index.add(entries)
    links = {
        entry.document_id: _link(verdict) for entry, verdict in zip(entries, judged.verdicts, strict=True)
    }
    changed = documents.put(connection, cleaned, links, before, sources=sources, version=version)
    changed += _relink(connection, index, judged.unsettled)
    _follow(connection, index, changed)
    ledger.finish(connection, cleaned, version)


def judge_again(connection: Connection, document_ids: Sequence[str], settings: Settings) -> None:
    """Judge stored documents anew, and those that copy them: after a person's word on one.  Call it `in_turn`."""
    index = index_on(connection, settings)
    _follow(connection, index, _relink(connection, index, document_ids))


def _follow(connection: Connection, index: NearCopyIndex, changed: Sequence[str]) -> None:
    """Judge those anew that copy what changed.  It ends: links lead to earlier documents only."""
    while changed:
        changed = _relink(connection, index, documents.copies_of(connection, changed))


def _notes(
    results: Sequence[Success], places: Mapping[str, ledger.Place], seen: Mapping[str, Sighting]
) -> Iterator[sites.Noted]:
    """What dumps of known sources say of them; pages without a story say nothing."""
    for result in results:
        dump_id = result.cleaned.dump_id
        _, source, _, url = seen[dump_id]
        known_as = sites.source_of(source, url)
        if known_as is not None:
            lines = result.lines if result.cleaned.articles else None
            yield sites.Noted(dump_id, known_as, places[dump_id].arrival, result.furniture, lines)


def _relink(connection: Connection, index: NearCopyIndex, document_ids: Sequence[str]) -> list[str]:
    """Judge anew.  -> those whose link or cluster changed."""
    verdicts = index.again(document_ids) if document_ids else []
    return [
        document_id
        for document_id, verdict in zip(document_ids, verdicts, strict=True)
        if documents.relink(connection, document_id, _link(verdict))
    ]


def _link(verdict: Verdict) -> documents.Link:
    return verdict.kind, verdict.of, verdict.similarity
