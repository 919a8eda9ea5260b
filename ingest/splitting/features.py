"""Everything that the splitter's network is told of a page: of each unit how it looks, what the labeller says, and the gap before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from ingest.labellers.learned.network import Bag
from ingest.labellers.learned.text import NAMES as ALL_TEXT_NAMES
from ingest.labellers.learned.text import Floats, Ints, text_features
from ingest.model import Kind, Label, Page
from ingest.splitting.cohesion import (
    MEASURES,
    WIDTHS,
    Cohesion,
    cohesion_of,
    gap_measures,
    unit_measures,
)
from ingest.splitting.vocabulary import Lexicon, columns_of

TEXT_KINDS = frozenset(("paragraph", "standfirst"))
KINDS = get_args(Kind)
_TEXT_NAMES = ALL_TEXT_NAMES[:-4]  # without what the page says of itself, which flat text does not
_REASONS = ("repeated", "related-links", "navigation", "reading-time", "share-buttons", "metadata")
LABEL_NAMES = (*KINDS, *_REASONS, "body_score", "opens_header")
_COHESION_NAMES = tuple(
    f"{name}_{width if width < 1 << 30 else 'all'}{off}"
    for width in WIDTHS
    for off in ("", "_off")
    for name in MEASURES
)
_UNIT_NAMES = tuple(
    f"{part}_{side}_{width}"
    for width in (WIDTHS[2], "all")
    for side in ("before", "behind")
    for part in ("words", "names", "related")
)
_PLACE_NAMES = ("texts_before", "texts_behind", "since_text", "until_text")
NAMES: tuple[str, ...] = (*_TEXT_NAMES, *LABEL_NAMES, *_PLACE_NAMES, *_COHESION_NAMES, *_UNIT_NAMES)
_KIND_NUMBER = {kind: i for i, kind in enumerate(KINDS)}
_REASON_NUMBER = {reason: i for i, reason in enumerate(_REASONS, len(KINDS))}


@dataclass(frozen=True, slots=True)
class Gaps:
    """Of the n units of a page; the gap of a unit lies before it."""

    numbers: Floats  # (n, len(NAMES))
    bags: tuple[Bag, ...]  # n-grams of its first and last words
    before: Ints  # (n,) texts before each unit: the number of its gap in `cohesion`
    cohesion: Cohesion


def gaps_of(page: Page, labels: Sequence[Label], lexicon: Lexicon) -> Gaps:
    """The features of a page that has at least one span, with its labels."""
    n = len(page.spans)
    text = text_features(page.text, page.spans, page.facts.title, page.facts.body)
    is_text = np.fromiter((label.kind in TEXT_KINDS for label in labels), bool, n)
    (texts,) = is_text.nonzero()
    columns = columns_of(text.words, lexicon)
    cohesion, column = cohesion_of(columns, texts, text.words.count, n)
    windows = cohesion.windows()
    before = is_text.cumsum() - is_text
    numbers = np.hstack(
        [
            text.numbers[:, : len(_TEXT_NAMES)],
            label_features(labels),
            _place(texts, before, is_text),
            gap_measures(cohesion, windows)[before],
            unit_measures(cohesion, windows, columns, column, before, is_text),
        ]
    )
    return Gaps(numbers, (text.grams,), before, cohesion)


def label_features(labels: Sequence[Label]) -> Floats:
    """(n, len(LABEL_NAMES))"""
    rows = range(len(labels))
    found = np.zeros((len(labels), len(LABEL_NAMES)), np.float32)
    found[rows, [_KIND_NUMBER[label.kind] for label in labels]] = 1
    for i, label in enumerate(labels):
        if label.reason in _REASON_NUMBER:
            found[i, _REASON_NUMBER[label.reason]] = 1
    found[:, -2] = [1 - label.score if label.kind == "boilerplate" else label.score for label in labels]
    found[:, -1] = [label.rule == "opens-header" for label in labels]
    return found


def _place(texts: Ints, before: Ints, is_text: np.ndarray) -> Floats:
    n = len(before)
    edges, number = np.concatenate(([-1], texts, [n])), np.arange(n)
    found = np.empty((n, len(_PLACE_NAMES)), np.float32)
    found[:, 0] = before
    found[:, 1] = len(texts) - before
    found[:, 2] = number - edges[before]
    found[:, 3] = edges[before + 1] - number
    return np.log1p(found, out=found)
