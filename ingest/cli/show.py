"""One document or dump for people: its fields, its text, and the whole page with what was removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ingest.errors import UsageError
from ingest.review.page import Piece, page_of, printable
from ingest.store import ledger, payloads, records
from ingest.store.records import Record

__all__ = ["Piece", "dump_line", "explained", "facts_of", "found_by", "marked", "page_of", "printable"]

MINIMUM_PREFIX = 4
PASSAGES = 5  # shown of those that two texts share
ENDS = 60  # characters shown of a long one's begin and end


@dataclass(frozen=True, slots=True)
class Found:
    """What an id names."""

    dump_id: str
    records: tuple[Record, ...]  # one document, or all of the dump


def found_by(connection: Connection, prefix: str) -> Found:
    """The document or dump with this id, or the only one whose id begins so.

    Raises UsageError for an unknown or ambiguous one.
    """
    if len(prefix) < MINIMUM_PREFIX:
        raise UsageError(f"{prefix!r} is too short: give at least {MINIMUM_PREFIX} characters of the id")
    matches = records.ids_like(connection, prefix)
    exact = [match for match in matches if prefix in (match[0], match[1] if not match[0] else None)]
    matches = exact or matches
    if not matches:
        raise UsageError(f"no document and no dump has an id that begins with {prefix!r}")
    dumps = {dump_id for _, dump_id in matches}
    if len(matches) > 1 and len(dumps) > 1:
        listed = "".join(f"\n  {document or dump}" for document, dump in matches[:20])
        raise UsageError(f"{prefix!r} begins several ids:{listed}")
    document_id, dump_id = matches[0]
    whole = tuple(records.records_of(connection, [dump_id]))
    if len(matches) > 1 or not document_id:
        return Found(dump_id, whole)
    return Found(dump_id, tuple(record for record in whole if record["document_id"] == document_id))


def marked(pieces: Sequence[Piece]) -> str:
    """The page as plain text: [-removed-] {reason, rule}."""
    return "".join(
        f"[-{printable(p.text)}-] {{{p.removal.reason}, {p.removal.rule}}}"
        if p.removal
        else printable(p.text)
        for p in pieces
    )


def facts_of(record: Record) -> Iterator[tuple[str, str]]:
    """The fields of a document that are set, with names for people; the text is not among them."""
    yield "document", record["document_id"]
    yield "dump", record["dump_id"]
    yield "part", f"{record['part']} of {record['parts']} ({record['role']})"
    if record["duplicate_of"] and record["similarity"] is not None:
        yield (
            "status",
            f"{record['status']} of {record['duplicate_of']} ({_how(record)})",
        )
    else:
        yield "status", record["status"]
    for name, value in (
        ("source", record["source"]),
        ("url", record["url"]),
        ("standfirst", record["standfirst"]),
        ("published", record["published"]),
    ):
        if value:
            yield name, value
    if record["language"]:
        yield "language", f"{record['language']} (confidence {record['language_confidence']:.2f})"
    if record["authors"]:
        yield "authors", ", ".join(record["authors"])
    for caption in record["captions"]:
        yield "caption", caption
    if record["possible_mixed"] is not None:
        yield "possibly mixed", f"{record['possible_mixed']:.2f}"
    for said in record["evidence"]:
        yield "cut off", said
    yield (
        "revision",
        f"{record['revision']}, cleaned {record['cleaned_at']} by pipeline {record['pipeline_version']}",
    )


def explained(connection: Connection, record: Record) -> Iterator[tuple[str, str]]:
    """Why a near-copy is linked: the passages that it shares, the longest ones, in the text's order."""
    from ingest.index.passages import shared_passages, word_count  # here: few commands compare texts

    of = record["duplicate_of"]
    original = records.record_of(connection, of) if of and record["status"] == "near-copy" else None
    if original is None:
        return
    text = record["text"]
    shared = shared_passages(text, original["text"])
    words = sum(passage.words for passage in shared)
    yield "shares", f"{words} of {word_count(text)} words, in {len(shared)} passages"
    for passage in sorted(sorted(shared, key=lambda p: -p.words)[:PASSAGES], key=lambda p: p.start):
        whole = " ".join(text[passage.start : passage.end].split())
        cut = whole if len(whole) <= 2 * ENDS else f"{whole[:ENDS]} … {whole[-ENDS:]}"
        yield f"{passage.words} words", f"“{cut}”"


def _how(record: Record) -> str:
    part = ", one holds the other" if record["copy_kind"] == "contained" else ""
    return f"similarity {record['similarity']:.2f}{part}"


def dump_line(connection: Connection, dump_id: str) -> str:
    """One line about a dump: where it came from and how far it is."""
    standing = ledger.standings(connection, [dump_id])[dump_id]
    names = payloads.first_sightings(connection, [dump_id])
    name = names[dump_id][2] if dump_id in names else "unnamed"
    said = f"dump {dump_id} ({name}): {standing.state}"
    for given_up in ledger.dead(connection, [dump_id]):
        said += f", {given_up.reason}: {given_up.message}"
    return said
