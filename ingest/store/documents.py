"""Writing what cleaning gave: articles with what they copy, and removals, a batch of dumps at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from ingest.model import Article, Cleaned, CopyKind
from ingest.store.among import among
from ingest.store.numbers import allot
from ingest.store.schema import articles, removals, retractions
from ingest.store.searchable import make_findable
from ingest.store.values import now, portions

# Fields that tell when a document was written, not what it says: a change in them alone is none.
_OCCASION = frozenset({"seq", "revision", "was_unique", "pipeline_version", "cleaned_at"})

# Fields that follow from other documents.
_LINK = ("copy_kind", "duplicate_of", "similarity")
_FOLLOWS = frozenset({"cluster_id", *_LINK})

_FORGET_REMOVALS = delete(removals).where(among(removals.c.dump_id, "dump_ids"))
_BACK = delete(retractions).where(among(retractions.c.document_id, "document_ids"))

Link = tuple[CopyKind | None, str | None, float | None]  # the fields of _LINK; of a unique document all None

Before = Mapping[str, RowMapping]  # documents as they are in the store, by id


def before(connection: Connection, dump_ids: Sequence[str]) -> Before:
    """The documents that these dumps gave when they were cleaned the last time."""
    return _stored(connection, articles.c.dump_id, dump_ids)


def vanished(before: Before, results: Iterable[Cleaned]) -> list[str]:
    """Documents that the dumps gave before and give no more."""
    given = {article.document_id for cleaned in results for article in cleaned.articles}
    return sorted(before.keys() - given)


def put(
    connection: Connection,
    results: Sequence[Cleaned],
    links: Mapping[str, Link],
    before: Before,
    *,
    sources: Mapping[str, str | None],
    version: str,
) -> list[str]:
    """Store the results of dumps in place of their earlier ones, in this order; `links` by document_id.

    A document that says what it said before keeps its row; one that cleaning changed gets the next revision
    and a new `seq`; one whose link alone changed a new `seq`.  One that is no more leaves a retraction.
    Call it `in_turn`.  -> ids of the documents that were there before and changed or vanished.
    """
    _put_removals(connection, results)
    gone = vanished(before, results)
    _retract(connection, {document_id: before[document_id]["dump_id"] for document_id in gone})
    new, changed, same = list[dict[str, Any]](), list[dict[str, Any]](), list[str]()
    clusters: dict[str, str] = {}
    for cleaned in results:
        for article in cleaned.articles:
            link = links[article.document_id]
            clusters[article.document_id] = _cluster(connection, article.document_id, link, clusters)
            fields = {
                **_fields(article),
                **dict(zip(_LINK, link, strict=True)),
                "dump_id": cleaned.dump_id,
                "source": sources.get(cleaned.dump_id),
                "cluster_id": clusters[article.document_id],
            }
            if article.document_id not in before:
                new.append({**fields, "revision": 1, "was_unique": link[1] is None})
            elif (row := _changed(before[article.document_id], fields)) is not None:
                changed.append(row)
            else:
                same.append(article.document_id)
    _write(connection, new, changed, version)
    for some in portions(same):  # known under this version now: the next run need not look at them again
        known = update(articles).where(articles.c.document_id.in_(some))
        connection.execute(known.values(pipeline_version=version))
    return [*gone, *(row["document_id"] for row in changed)]


def copies_of(connection: Connection, document_ids: Sequence[str]) -> list[str]:
    """Documents linked to these, in the order of their writing."""
    found: list[str] = []
    for some in portions(document_ids):
        linked = select(articles.c.document_id).where(articles.c.duplicate_of.in_(some))
        found += connection.scalars(linked.order_by(articles.c.seq))
    return found


def relink(connection: Connection, document_id: str, link: Link) -> bool:
    """Give a stored document another link.  Call it `in_turn`.  -> whether that changed it."""
    old = _stored(connection, articles.c.document_id, [document_id])[document_id]
    fields = {name: value for name, value in old.items() if name not in _OCCASION}
    fields |= dict(zip(_LINK, link, strict=True))
    fields["cluster_id"] = _cluster(connection, document_id, link, {})
    row = _changed(old, fields)
    if row is None:
        return False
    _write(connection, [], [row], old["pipeline_version"])
    return True


def _stored(connection: Connection, column: Any, values: Sequence[str]) -> dict[str, RowMapping]:
    found: dict[str, RowMapping] = {}
    for some in portions(values):
        rows = connection.execute(select(articles).where(column.in_(some))).mappings()
        found.update((row["document_id"], row) for row in rows)
    return found


def _changed(old: RowMapping, fields: dict[str, Any]) -> dict[str, Any] | None:
    """The row of a document that was there before; None where it says what it said."""
    said = {name for name, value in fields.items() if old[name] != value}
    if not said:
        return None
    return {
        **fields,
        "revision": old["revision"] + bool(said - _FOLLOWS),
        "was_unique": fields["duplicate_of"] is None or old["was_unique"],
    }


def _write(
    connection: Connection, new: Sequence[dict[str, Any]], changed: Sequence[dict[str, Any]], version: str
) -> None:
    """Write rows with the next numbers."""
    rows = [*new, *changed]
    if not rows:
        return
    first, at = allot(connection, "articles", len(rows)), now()
    for seq, row in enumerate(rows, first):
        row.update(seq=seq, pipeline_version=version, cleaned_at=at)
    if new:
        connection.execute(insert(articles), new)
        make_findable(connection, first)
        # One that was gone has come back.
        connection.execute(_BACK, {"document_ids": [row["document_id"] for row in new]})
    for row in changed:
        same = articles.c.document_id == row["document_id"]
        connection.execute(update(articles).where(same).values(**row))


def _retract(connection: Connection, dumps_of: Mapping[str, str]) -> None:
    """Take documents out, and leave word of it."""
    gone = sorted(dumps_of)
    for some in portions(gone):
        connection.execute(delete(articles).where(articles.c.document_id.in_(some)))
    if gone:
        first, at = allot(connection, "articles", len(gone)), now()
        rows = [
            {"document_id": document_id, "seq": seq, "dump_id": dumps_of[document_id], "retracted_at": at}
            for seq, document_id in enumerate(gone, first)
        ]
        connection.execute(insert(retractions), rows)


def _fields(article: Article) -> dict[str, Any]:
    return {
        "document_id": article.document_id,
        "part": article.part,
        "parts": article.parts,
        "role": article.role,
        "url": article.url,
        "title": article.title,
        "standfirst": article.standfirst,
        "text": article.text,
        "authors": list(article.authors),
        "captions": list(article.captions),
        "published": article.published,
        "language": article.language,
        "language_confidence": article.language_confidence,
        "possible_mixed": article.possible_mixed,
        "start": article.start,
        "end": article.end,
        "blocks": [[block.start, block.end, block.kind, block.text] for block in article.blocks],
        "evidence": list(article.evidence),
    }


def _put_removals(connection: Connection, results: Sequence[Cleaned]) -> None:
    connection.execute(_FORGET_REMOVALS, {"dump_ids": [cleaned.dump_id for cleaned in results]})
    rows = [
        {
            "dump_id": cleaned.dump_id,
            "n": n,
            "start": removal.start,
            "end": removal.end,
            "text": removal.text,
            "reason": removal.reason,
            "rule": removal.rule,
            "score": removal.score,
        }
        for cleaned in results
        for n, removal in enumerate(cleaned.removals)
    ]
    if rows:
        connection.execute(insert(removals), rows)


def _cluster(connection: Connection, document_id: str, link: Link, known: Mapping[str, str]) -> str:
    """The group of the document that this one copies; its own id when alone.  `known`: not written yet."""
    of = link[1]
    if of is None:
        return document_id
    if of in known:
        return known[of]
    return connection.scalar(select(articles.c.cluster_id).where(articles.c.document_id == of)) or of
