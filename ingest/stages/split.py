"""Where a further, unrelated story begins in a dump.

The model (`ingest.splitting`) says how likely each span opens one; here are the pages that need no asking, what the
mark-up of HTML allows, and the evidence in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingest.model import Label, Page
from ingest.splitting.containers import openings
from ingest.splitting.features import TEXT_KINDS
from ingest.splitting.model import splitter
from ingest.splitting.wholes import CANDIDATE_AT, Scored
from ingest.vocabulary.words import fold

MINIMUM_TEXTS = 4  # paragraphs of a page that may hold two stories
MARKED_UP = 0.3  # what the mark-up says of a span where it may open a story, at least; the wholes decide
HEADER = 12  # spans within which a story's header ends
_HEADER_KINDS = frozenset(("caption", "date", "byline"))
_HEADER_REASONS = frozenset(("reading-time", "share-buttons", "layout"))


@dataclass(frozen=True, slots=True)
class Boundary:
    """A further story opens at span `index`; `score` 0 … 1; `evidence` in words."""

    index: int
    score: float
    evidence: tuple[str, ...]


def split_stories(
    page: Page,
    labels: Sequence[Label],
    *,
    split_at: float,
    suspect_at: float = 1.0,
    weights: Path | None = None,
) -> list[Boundary]:
    """Boundaries in order; empty for a single story.

    A story is cut off where the score reaches `split_at`; those between `suspect_at` and it are doubts, scored
    against the wholes that stood when they went.  `weights`: a folder with a splitter of its own.
    """
    if sum(label.kind in TEXT_KINDS for label in labels) < MINIMUM_TEXTS:
        return []
    allowed = openings(page, labels)
    if allowed is not None and not allowed:
        return []
    model = splitter(weights)
    gaps = model.gaps(page, labels)
    scores = model.scores(gaps)
    if allowed is not None:
        shut = np.ones(len(scores), bool)
        shut[list(allowed)] = False
        scores = np.where(shut, 0, np.maximum(scores, MARKED_UP)).astype(np.float32)
    if scores.max() < CANDIDATE_AT:
        return []
    least = min(split_at, suspect_at)
    return [
        Boundary(found.index, found.score, _evidence(page, labels, found, allowed or {}))
        for found in model.settled(gaps, scores, split_at)
        if found.score >= least
    ]


def _evidence(page: Page, labels: Sequence[Label], found: Scored, allowed: dict[int, str]) -> tuple[str, ...]:
    """What a person would look at; the network weighs more."""
    n = len(labels)
    text = next((i for i in range(found.index, n) if labels[i].kind in TEXT_KINDS), n)
    header = range(found.index, min(text, found.index + HEADER))
    said = []
    if why := allowed.get(found.index):
        said.append(why)
    if text > found.index:
        said.append("a line like a headline")
    folded = [fold(page.spans[i].text) for i in header]
    if len(set(folded)) < len(folded):
        said.append("its title or caption stands again below it")
    if any(labels[i].kind in _HEADER_KINDS or labels[i].reason in _HEADER_REASONS for i in header):
        said.append("a header of its own")
    said.append(
        f"of the words that say something {found.shared:.0%}, of the names {found.names_shared:.0%} stand in the story before it"
    )
    return tuple(said)
