"""What becomes of documents together: near-copies, and the furniture of their sources."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ingest.settings.section import Section


class NearCopies(Section):
    """Settings of the near-copy index."""

    similarity: float = Field(
        0.64,
        gt=0,
        le=1,
        description="Share of the smaller article's rare shingles that the other must hold to be a near-copy.",
    )
    same_numbers: float = Field(
        0.8,
        ge=0,
        le=1,
        description="and of its numbers, where both have four or more: reports from one template share fewer.",
    )
    surely: float = Field(
        0.85, gt=0, le=1, description="From this share of shingles on, numbers are not asked about."
    )
    minimum_shingles: int = Field(
        16,
        gt=0,
        description="Articles with fewer rare shingles (a quarter of them is kept) are compared for exact copies only.",
    )
    representative: Literal["first", "longest", "trusted"] = Field(
        "first",
        description="Which of several copies `--only-unique` writes: received first, longest, of the most trusted source. "
        "In the feed of changes it is the first.",
    )
    trusted: tuple[str, ...] = Field((), description="Names of sources, the most trusted first.")
    lists: Literal["store", "broker"] = Field(
        "store", description="Where it is kept who holds a rare shingle; in both cases the store decides."
    )
    remember_days: int = Field(
        0,
        ge=0,
        description="Days after which lists in the broker forget a document, twice as many at most; 0: never.",
    )


class Sites(Section):
    """Settings of learning what the stories of a source repeat: its furniture."""

    learn: bool = Field(
        True,
        description="Count what sources repeat, and renew what is in force. Off: what is in force stays.",
    )
    stories: int = Field(
        5,
        ge=2,
        description="A line is furniture when at least so many different stories of the source hold it,",
    )
    share: float = Field(
        0.2,
        gt=0,
        le=1,
        description="and at least this share of them: less often stand stock sentences and sub-headings.",
    )
    window: int = Field(500, ge=5, description="Dumps of a source that are counted: the newest.")
