"""One document, with what belongs to it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from ingest.api import problems, shapes
from ingest.api.answers import NOT_MODIFIED, json_answer, tagged
from ingest.api.auth import MAY_SEE
from ingest.api.bodies import PAGE
from ingest.api.problems import Problem, documented
from ingest.api.service import Service, ServiceOf
from ingest.model import CopyKind, Status
from ingest.store import payloads, records
from ingest.store.clusters import Member, cluster_of
from ingest.store.records import Record
from ingest.store.transactions import reading

router = APIRouter(prefix="/v1/documents", tags=["documents"], dependencies=[MAY_SEE])

DocumentId = Annotated[
    str, Path(pattern="^[0-9a-zA-Z:_-]{1,128}$", description="A document_id.", examples=[shapes.DOCUMENT])
]


@router.get(
    "/{document_id}",
    summary="A document",
    response_model=shapes.Document,
    responses={**NOT_MODIFIED, **documented(*problems.OF_READING, problems.UNKNOWN)},
)
def document(request: Request, service: ServiceOf, document_id: DocumentId) -> Response:
    """Give a document as it is now."""
    return json_answer(request, _found(service, document_id))


@router.get(
    "/{document_id}/removals",
    summary="What was removed",
    response_model=list[shapes.Removal],
    responses={**NOT_MODIFIED, **documented(*problems.OF_READING, problems.UNKNOWN)},
)
def document_removals(request: Request, service: ServiceOf, document_id: DocumentId) -> Response:
    """Give all that was taken out of the document's dump, in the order of the page."""
    record = _found(service, document_id)
    with reading(service.engine) as connection:
        removed = records.removals_of(connection, [record["dump_id"]])[record["dump_id"]]
    return json_answer(request, removed)


@router.get(
    "/{document_id}/dump",
    summary="The dump, byte for byte",
    response_class=Response,
    responses={
        200: {
            "description": "As it was pushed; a browser saves it and does not show it.",
            "content": {
                "application/octet-stream": {
                    "schema": {"type": "string", "format": "binary"},
                    "example": PAGE,
                }
            },
        },
        **NOT_MODIFIED,
        **documented(*problems.OF_READING, problems.UNKNOWN),
    },
)
def document_dump(request: Request, service: ServiceOf, document_id: DocumentId) -> Response:
    """Give the bytes that the document was made of."""
    dump_id = _found(service, document_id)["dump_id"]
    with reading(service.engine) as connection:
        found = payloads.dumps_in(connection, [dump_id])
    if not found or found[0].payload is None:
        raise Problem(problems.UNKNOWN, "the bytes of this dump are not kept")
    headers = {
        "Content-Disposition": f'attachment; filename="{dump_id[:16]}.bin"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    return tagged(request, found[0].payload, "application/octet-stream", headers)


class ClusterMember(BaseModel):
    document_id: str = Field(examples=[shapes.DOCUMENT])
    dump_id: str = Field(examples=[shapes.DUMP])
    title: str | None = Field(examples=["The bridge is closed"])
    source: str | None = Field(examples=["wire"])
    published: str | None = Field(examples=["2026-11-23"])
    status: Status = Field(examples=["unique"])
    duplicate_of: str | None = Field(examples=[None])
    similarity: float | None = Field(examples=[None])
    copy_kind: CopyKind | None = Field(examples=[None])


class Cluster(BaseModel):
    cluster_id: str = Field(examples=[shapes.DOCUMENT])
    members: list[ClusterMember] = Field(description="In the order of the feed; the first thousand.")


@router.get(
    "/{document_id}/cluster",
    summary="The group of copies",
    response_model=Cluster,
    responses={**NOT_MODIFIED, **documented(*problems.OF_READING, problems.UNKNOWN)},
)
def document_cluster(request: Request, service: ServiceOf, document_id: DocumentId) -> Response:
    """Give the documents that are copies of one another, this one among them."""
    cluster_id = _found(service, document_id)["cluster_id"]
    with reading(service.engine) as connection:
        members: list[Member] = cluster_of(connection, cluster_id)
    return json_answer(request, {"cluster_id": cluster_id, "members": [asdict(member) for member in members]})


def _found(service: Service, document_id: str) -> Record:
    with reading(service.engine) as connection:
        record = records.record_of(connection, document_id)
    if record is None:
        raise Problem(problems.UNKNOWN, "no document has this id, or it was retracted: see the feed")
    return record
