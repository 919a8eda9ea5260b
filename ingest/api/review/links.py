"""A near-copy beside what it copies: looking at both, confirming or breaking the link, and taking that back."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Path, Query, Response

from ingest.api.review.session import HOME, SealedSession, SessionOf
from ingest.api.review.views import NotHere, PageRoute, page, see
from ingest.api.service import ServiceOf
from ingest.review import links
from ingest.review.sidebyside import side_by_side
from ingest.store import pairs, records
from ingest.store.pairs import PairWord
from ingest.store.transactions import reading
from ingest.store.values import storable

router = APIRouter(prefix=HOME, route_class=PageRoute, include_in_schema=False)

DocumentId = Annotated[str, Path(max_length=128)]


@router.get("/documents/{document_id}/link")
def compare(
    service: ServiceOf,
    session: SessionOf,
    document_id: DocumentId,
    beside: Annotated[str, Query(alias="with", max_length=128)] = "",
) -> Response:
    """The document beside what it is linked to, or beside another."""
    with reading(service.engine) as connection:
        mine = records.record_of(connection, storable(document_id))
        if mine is None:
            raise NotHere("no document has this id, or it was retracted")
        other_id = storable(beside) or mine["duplicate_of"]
        other = records.record_of(connection, other_id) if other_id else None
        said = [
            pair for pair in pairs.of_documents(connection, [document_id]) if pair.document_id == document_id
        ]
    if other_id is None:
        raise NotHere("this document is no copy, and nobody said that it is not one")
    return page(
        "link",
        session,
        mine=mine,
        other=other,
        other_id=other_id,
        texts=side_by_side(mine["text"], other["text"] if other else ""),
        said=[pair for pair in reversed(said) if pair.other_id == other_id],
        elsewhere=sorted({pair.other_id for pair in said} - {other_id}),
    )


@router.post("/documents/{document_id}/link")
def say(
    service: ServiceOf,
    session: SealedSession,
    document_id: DocumentId,
    other: Annotated[str, Form(max_length=128)],
    word: Annotated[PairWord, Form()],
) -> Response:
    links.say(service.engine, service.settings, storable(document_id), storable(other), word, by=session.who)
    return see(_beside(document_id, other))


@router.post("/links/{pair_id}/undo")
def undo(
    service: ServiceOf, session: SealedSession, pair_id: Annotated[int, Path(ge=1, lt=2**63)]
) -> Response:
    pair = links.undo(service.engine, service.settings, pair_id, by=session.who)
    return see(_beside(pair.document_id, pair.other_id))


def _beside(document_id: str, other_id: str) -> str:
    return f"{HOME}/documents/{quote(document_id, safe='')}/link?with={quote(other_id, safe='')}"
