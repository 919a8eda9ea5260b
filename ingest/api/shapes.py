"""Documents as answers hold them, described for the OpenAPI document; the values are `ingest.store.records`'s."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from ingest.model import CopyKind, Role, Status
from ingest.store.records import Kind

DUMP = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
DOCUMENT = "3f1b2b0b822cd15d6c15b0f00a089f86"
CURSOR = "AAAAAAAAAAcbFPQDdbOl"


class Removal(BaseModel):
    """A span of the dump's page text that reached no field of an article."""

    model_config = ConfigDict(from_attributes=True)

    start: int = Field(description="Code points of the page text, as the end.", examples=[120])
    end: int = Field(examples=[132])
    text: str = Field(examples=["Your Comment"])
    reason: str = Field(examples=["comment-form"])
    rule: str = Field(description="The rule or model that decided.", examples=["comment-form/your-comment"])
    score: float = Field(examples=[1.0])


class Article(BaseModel):
    """One story of a dump."""

    model_config = ConfigDict(from_attributes=True)

    document_id: str = Field(examples=[DOCUMENT])
    part: int = Field(description="Its place in the dump, from 1.", examples=[1])
    parts: int = Field(description="How many articles the dump gave.", examples=[1])
    role: Role = Field(description="What the dump is about, or what trails behind it.", examples=["primary"])
    url: str | None = Field(examples=["https://example.org/story"])
    title: str | None = Field(description="Never invented.", examples=["The bridge is closed"])
    standfirst: str | None = Field(description="It is in the text too.", examples=[None])
    text: str = Field(
        description="Paragraphs and sub-headings, joined by one blank line.", examples=["The old bridge …"]
    )
    authors: list[str] = Field(examples=[["Ada Writer"]])
    captions: list[str] = Field(examples=[["The bridge at noon."]])
    published: str | None = Field(description="ISO 8601.", examples=["2026-11-23"])
    language: str | None = Field(description="ISO 639-1.", examples=["en"])
    language_confidence: float = Field(examples=[0.98])
    possible_mixed: float | None = Field(
        description="Score of a further story that was suspected and left in.", examples=[None]
    )
    start: int = Field(description="Where in the page text its first block begins.", examples=[0])
    end: int = Field(description="Where its last block ends.", examples=[1840])
    evidence: list[str] = Field(description="Why a trailing story was cut off.", examples=[[]])


class Document(Article):
    """A stored article: the record of the exports."""

    dump_id: str = Field(examples=[DUMP])
    source: str | None = Field(examples=["wire"])
    status: Status = Field(examples=["unique"])
    duplicate_of: str | None = Field(description="The document that it copies.", examples=[None])
    similarity: float | None = Field(examples=[None])
    copy_kind: CopyKind | None = Field(
        description="contained: one of the two texts, much the shorter, is nearly whole in the other.",
        examples=[None],
    )
    cluster_id: str = Field(
        description="The group of copies that it belongs to; its own id when alone.", examples=[DOCUMENT]
    )
    revision: int = Field(description="1, and one more with each change of what it says.", examples=[1])
    removals: list[Removal] = Field(description="On part 1 alone: those of the whole dump.")
    pipeline_version: str = Field(examples=["2"])
    received_at: str = Field(examples=["2026-11-23T09:30:00+00:00"])
    cleaned_at: str = Field(examples=["2026-11-23T09:30:02+00:00"])


class Change(BaseModel):
    """The newest word on one document."""

    change: Kind = Field(
        description="retracted: it is no more, it turned out to be a copy, or it matches the filters no more.",
        examples=["new"],
    )
    cursor: str = Field(description="To go on behind this change.", examples=[CURSOR])
    document_id: str = Field(examples=[DOCUMENT])
    dump_id: str = Field(examples=[DUMP])
    document: Document | None = Field(description="null where there is none to keep.")


class Changes(BaseModel):
    """A page of the feed."""

    changes: list[Change] = Field(description="Oldest first; each document once, as it is now.")
    cursor: str = Field(
        description="Give it as `cursor` to go on, also where the page is empty.", examples=[CURSOR]
    )
    more: bool = Field(description="Whether to ask again at once.", examples=[False])
