"""Writing what cleaning gave: articles, removals and links, as one dump's whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from ingest.model import Article, Cleaned, Status
from ingest.store.engine import allot, now, portions
from ingest.store.schema import articles, links, removals

# Fields that tell when a document was written, not what it says: a change in them alone is none.
_OCCASION = frozenset({"seq", "revision", "pipeline_version", "cleaned_at"})
_KIND: dict[Status, str] = {"exact-copy": "exact", "near-copy": "near"}

Link = tuple[Status, str | None, float | None]  # status, duplicate_of, similarity


def vanished(connection: Connection, cleaned: Cleaned) -> list[str]:
    """Documents that the dump gave before and gives no more."""
    before = connection.scalars(select(articles.c.document_id).where(articles.c.dump_id == cleaned.dump_id))
    return sorted(set(before) - {article.document_id for article in cleaned.articles})


def put(
    connection: Connection, cleaned: Cleaned, links_: Sequence[Link], *, source: str | None, version: str
) -> list[str]:
    """Store the result for one dump in place of its earlier one; `links_` go with its articles.

    A document that says what it said before keeps its row; a changed one gets the next revision and a
    new `seq`.  -> ids of the documents that were there before and changed or vanished.
    """
    gone = vanished(connection, cleaned)
    for table in (links, articles):
        for some in portions(gone):
            connection.execute(delete(table).where(table.c.document_id.in_(some)))
    _put_removals(connection, cleaned)
    changed = gone
    for article, link in zip(cleaned.articles, links_, strict=True):
        cluster = _cluster(connection, article.document_id, link)
        fields = {**_fields(article), "dump_id": cleaned.dump_id, "source": source, "cluster_id": cluster}
        if _put_article(connection, article.document_id, fields, link, version):
            changed.append(article.document_id)
    return changed


def copies_of(connection: Connection, document_ids: Sequence[str]) -> list[str]:
    """Documents linked to these, in the order of their writing."""
    found: list[str] = []
    for some in portions(document_ids):
        linked = select(links.c.document_id).join(articles, articles.c.document_id == links.c.document_id)
        found += connection.scalars(linked.where(links.c.duplicate_of.in_(some)).order_by(articles.c.seq))
    return found


def relink(connection: Connection, document_id: str, link: Link) -> bool:
    """Give a stored document another link.  -> whether that changed it."""
    row = connection.execute(select(articles).where(articles.c.document_id == document_id)).mappings().one()
    cluster = _cluster(connection, document_id, link)
    fields = {**row, "cluster_id": cluster}
    return _put_article(connection, document_id, fields, link, row["pipeline_version"])


def _put_article(
    connection: Connection, document_id: str, fields: dict[str, Any], link: Link, version: str
) -> bool:
    """Write one article and its link where they are new.  -> whether an earlier one was changed."""
    here = articles.c.document_id == document_id
    old = connection.execute(select(articles).where(here)).mappings().one_or_none()
    fields = {name: value for name, value in fields.items() if name not in _OCCASION}
    said = old and {name: old[name] for name in fields}
    if said == fields and _link_of(connection, document_id) == link:
        # Known under this version now, so that the next run need not look at it again.
        connection.execute(update(articles).where(here).values(pipeline_version=version))
        return False
    occasion = {
        "seq": allot(connection, "articles"),
        "revision": old["revision"] + 1 if old else 1,
        "pipeline_version": version,
        "cleaned_at": now(),
    }
    fields["was_unique"] = link[1] is None or bool(old and old["was_unique"])
    if old is None:
        connection.execute(insert(articles).values(**fields, **occasion))
    else:
        connection.execute(update(articles).where(here).values(**fields, **occasion))
    connection.execute(delete(links).where(links.c.document_id == document_id))
    status, of, similarity = link
    if of is not None:
        row = {
            "document_id": document_id,
            "duplicate_of": of,
            "kind": _KIND[status],
            "similarity": similarity,
        }
        connection.execute(insert(links).values(**row))
    return old is not None


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
        "blocks": [[block.start, block.end, block.kind, block.text] for block in article.blocks],
        "evidence": list(article.evidence),
    }


def _put_removals(connection: Connection, cleaned: Cleaned) -> None:
    connection.execute(delete(removals).where(removals.c.dump_id == cleaned.dump_id))
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
        for n, removal in enumerate(cleaned.removals)
    ]
    if rows:
        connection.execute(insert(removals), rows)


def _cluster(connection: Connection, document_id: str, link: Link) -> str:
    """The group of the document that this one copies; its own id when alone."""
    if link[1] is None:
        return document_id
    return (
        connection.scalar(select(articles.c.cluster_id).where(articles.c.document_id == link[1])) or link[1]
    )


def _link_of(connection: Connection, document_id: str) -> Link:
    row = connection.execute(select(links).where(links.c.document_id == document_id)).one_or_none()
    if row is None:
        return "unique", None, None
    return ("exact-copy" if row.kind == "exact" else "near-copy"), row.duplicate_of, row.similarity
