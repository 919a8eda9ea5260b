"""Which earlier document each article copies: sketches made anywhere, judged in the order of arrival."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.index.protocol import Entry
from ingest.index.sketch import Sketch, sketch_of
from ingest.model import Cleaned

PARTS = 1 << 16  # places for the articles of one dump; more than a payload of the largest size can hold


def sketches_of(cleaned: Cleaned) -> tuple[Sketch, ...]:
    """A sketch of each article's text, in order.  Pure: the processes that clean make them."""
    return tuple(sketch_of(article.text) for article in cleaned.articles)


def entries_of(cleaned: Cleaned, sketches: Sequence[Sketch], arrival: int) -> list[Entry]:
    """The articles of one dump for the index, at the dump's place in the order of arrival, part by part.

    So of two copies the original is the one whose dump was received first, whoever is cleaned first.
    """
    return [
        Entry(article.document_id, arrival * PARTS + article.part, sketch)
        for article, sketch in zip(cleaned.articles, sketches, strict=True)
    ]
