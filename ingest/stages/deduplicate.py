"""Which earlier document each article copies: sketches made anywhere, judged in the order of arrival."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.index.protocol import NearCopyIndex, Verdict
from ingest.index.sketch import Sketch, sketch_of
from ingest.model import Article, Cleaned


def sketches_of(cleaned: Cleaned) -> tuple[Sketch, ...]:
    """A sketch of each article's text, in order.  Pure: the processes that clean make them."""
    return tuple(sketch_of(article.text) for article in cleaned.articles)


def verdicts_of(
    articles: Sequence[Article], sketches: Sequence[Sketch], index: NearCopyIndex
) -> tuple[Verdict, ...]:
    """Index the articles of one dump, part by part.

    The order in which dumps come here decides which of two copies is the original: keep it that of the input.
    """
    return tuple(index.add(a.document_id, s) for a, s in zip(articles, sketches, strict=True))
