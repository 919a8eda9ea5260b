"""The one place where labels become articles and removals."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.model import Article, Block, Label, Page, Removal, Story

# A story has at least this many words in its paragraphs (characters in scripts without blanks).
MINIMUM_WORDS = 10


@dataclass(frozen=True, slots=True)
class Placed:
    """A story and where it stands in its dump."""

    start: int  # number of its first span
    story: Story
    language: tuple[str | None, float]
    evidence: tuple[str, ...] = ()  # why it was cut off what stands before it


def assemble(
    dump_id: str, page: Page, stories: Sequence[Placed], *, url: str | None, suspected: float | None
) -> tuple[tuple[Article, ...], tuple[Removal, ...]]:
    """Articles and removals of a dump whose spans all belong to one of `stories`; together they tile its text.

    What is too short to be a story becomes removals as a whole.
    """
    told = [placed for placed in stories if placed.story.words >= MINIMUM_WORDS]
    articles = [
        _article(dump_id, page, placed, part, len(told), url=url, suspected=suspected)
        for part, placed in enumerate(told, 1)
    ]
    removals = [removal for placed in stories for removal in _removals(page, placed)]
    return tuple(articles), tuple(removals)


def document_id_of(dump_id: str, part: int) -> str:
    """Derived from its dump and place alone, so that doing the work again gives the same id."""
    return hashlib.sha256(f"{dump_id}:{part}".encode()).hexdigest()[:32]


def _article(
    dump_id: str,
    page: Page,
    placed: Placed,
    part: int,
    parts: int,
    *,
    url: str | None,
    suspected: float | None,
) -> Article:
    story, primary = placed.story, part == 1
    spans = page.spans[placed.start : placed.start + len(story.labels)]
    language, confidence = placed.language
    return Article(
        document_id=document_id_of(dump_id, part),
        part=part,
        parts=parts,
        role="primary" if primary else "trailing",
        title=story.title,
        standfirst=story.standfirst,
        text=story.text,
        authors=story.authors,
        captions=story.captions,
        published=story.published,
        language=language,
        language_confidence=confidence,
        url=url if primary else None,
        possible_mixed=suspected if primary else None,
        blocks=tuple(
            Block(span.start, span.end, label.kind, span.text)
            for span, label in zip(spans, story.labels, strict=True)
            if label.kind != "boilerplate"
        ),
        evidence=placed.evidence,
    )


def _removals(page: Page, placed: Placed) -> Iterator[Removal]:
    kept = placed.story.words >= MINIMUM_WORDS
    for span, label in zip(page.spans[placed.start :], placed.story.labels, strict=False):
        if label.kind == "boilerplate" or not kept:
            said = label if label.kind == "boilerplate" else Label("boilerplate", "other", "no-story", 0.5)
            text = page.text[span.start : span.end]
            yield Removal(span.start, span.end, text, said.reason or "other", said.rule, said.score)
