"""Labels for text without mark-up: what is certain, the network's scores, and what short lines are by their place.

The network says what is body.  A kept line that is no prose is a heading where prose follows it, else a part of a
list.  A headline is no body: of the lines that could be one, the one whose words the story uses is its title; lines
that open a further story's header are titles too, for the splitter to judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from ingest.labellers.certain import certain_labels, label_repeats
from ingest.labellers.cut import best_cut
from ingest.labellers.learned.features import features_of
from ingest.labellers.learned.scores import body_scores, likely_reasons
from ingest.labellers.lines import Line, line_of
from ingest.model import Kind, Label, Page, Site
from ingest.vocabulary.words import words

HEADER_LINES = 12  # above a story's first prose within which its header stands
SURE_END = 0.9  # score from which a title-like line may end a story; a heading over nothing is none
SUBTITLE_WORDS = 6  # at least; shorter lines below a headline are kickers
IN_PLACE = 0.15  # score from which a line is body where its place speaks for it: below the headline, prose behind prose
LEAD = 5  # first lines of prose, whose words a headline shares
_HEADER_KINDS = frozenset(("date", "byline", "caption"))
_HEADER_REASONS = frozenset(("reading-time", "share-buttons", "repeated"))
_BANNER = Label("boilerplate", "site-banner", "over-the-headline", 0.6)


def label_flat(
    page: Page, site: Site | None = None, *, body_at: float, weights: Path | None = None
) -> Sequence[Label]:
    """One label for each span of a flat text (see `ingest.labellers.Labeller`).

    `body_at`: from this score on a span is body on every page, and from less where a page leaves doubt (see
    `best_cut`).  `weights`: see `body_scores`.
    """
    lines = [line_of(span.text) for span in page.spans]
    labels = certain_labels(page, lines, site)
    features = features_of(page)
    found = body_scores(features, weights)
    sizes = [line.words if label is None else 0 for line, label in zip(lines, labels, strict=True)]
    body_at = best_cut(found, np.array(sizes, np.float32), body_at)
    scores: list[float] = found.tolist()
    label_repeats(lines, labels, [score >= body_at for score in scores])
    reasons = likely_reasons(features)
    body = _body(lines, labels, scores, body_at)
    _label_titles(lines, labels, body, scores, reasons, min(body_at, IN_PLACE))
    for i in reversed(body):  # from the end: what a short line is depends on what follows it
        if labels[i] is None:
            labels[i] = _kept(i, lines, labels, scores[i])
    return [
        label if label is not None else _furniture(lines[i], reasons[i], scores[i])
        for i, label in enumerate(labels)
    ]


def _body(
    lines: Sequence[Line], labels: Sequence[Label | None], scores: Sequence[float], body_at: float
) -> list[int]:
    """The lines that are body: by their score, and prose that goes on behind prose by less."""
    body: list[int] = []
    goes_on_at = min(body_at, IN_PLACE) / 2
    for i, (label, score) in enumerate(zip(labels, scores, strict=True)):
        if label is None and score >= goes_on_at and (score >= body_at or _goes_on(i, lines, body)):
            body.append(i)
    return body


def _goes_on(i: int, lines: Sequence[Line], body: Sequence[int]) -> bool:
    return bool(body) and body[-1] == i - 1 and lines[i].prose and lines[i - 1].prose


def _kept(i: int, lines: Sequence[Line], labels: Sequence[Label | None], score: float) -> Label:
    line, score = lines[i], round(score, 3)
    if line.prose or line.list_item or line.terminal or not line.letters:
        return Label("paragraph", rule="labeller", score=score)
    following = next((j for j in range(i + 1, len(lines)) if _is_body(labels[j])), None)
    if following is None:  # behind the last prose: the end of a list, or links to other stories
        return Label("paragraph" if score >= SURE_END else "heading", rule="labeller", score=score)
    heads = lines[following].prose or _is_heading(labels[following])
    return Label("heading" if heads else "paragraph", rule="labeller", score=score)


def _is_heading(label: Label | None) -> bool:
    return label is not None and label.kind == "heading"


def _is_body(label: Label | None) -> bool:
    return label is not None and label.kind in ("paragraph", "heading")


def _label_titles(
    lines: Sequence[Line],
    labels: list[Label | None],
    body: Sequence[int],
    scores: Sequence[float],
    reasons: Sequence[str],
    body_at: float,
) -> None:
    """The headline over the first prose, and lines that could open a further story's header, in place."""
    prose = [i for i in body if lines[i].prose]
    if not prose:
        return
    above = [i for i in range(prose[0]) if labels[i] is None and lines[i].title_like]
    if above:
        told = {word for i in prose[:LEAD] for word in words(lines[i].folded) if len(word) > 3}
        again = {
            line.folded
            for line, label in zip(lines, labels, strict=True)
            if label is not None and label.reason == "repeated"
        }
        weights = {i: _shared(lines[i], told) + 3 * (lines[i].folded in again) for i in above}
        best = max(above, key=lambda i: (weights[i], -i))  # the first of equals
        if weights[best] or best >= prose[0] - HEADER_LINES:
            labels[best] = Label("title", rule="headline", score=0.6)
            for i in range(best):  # what stands over the headline is the site's
                if labels[i] is None:
                    banner = not i and lines[i].title_like
                    labels[i] = _BANNER if banner else _furniture(lines[i], reasons[i], 0.4)
            for i in range(best + 1, prose[0]):
                if labels[i] is None and scores[i] >= body_at:
                    labels[i] = _below_headline(lines[i], round(scores[i], 3))
    for before, after in pairwise(prose):
        header = range(max(before + 1, after - HEADER_LINES), after)
        if any(_is_header(labels[i]) for i in header):
            first = next((i for i in header if labels[i] is None and lines[i].title_like), None)
            # Where no story is cut off there, it is what the network says: a sub-heading, or nothing.
            if first is not None:
                kind: Kind = "heading" if scores[first] >= body_at else "title"
                labels[first] = Label(kind, rule="opens-header", score=round(scores[first], 3))


def _below_headline(line: Line, score: float) -> Label:
    """What the network keeps between the headline and the first prose: a subtitle, or a kicker."""
    if line.words >= SUBTITLE_WORDS:
        return Label("standfirst", rule="subtitle", score=score)
    return Label("boilerplate", "other", "kicker", round(1 - score, 3))


def _shared(line: Line, told: set[str]) -> int:
    return len(told.intersection(words(line.folded)))


def _is_header(label: Label | None) -> bool:
    return label is not None and (label.kind in _HEADER_KINDS or label.reason in _HEADER_REASONS)


def _furniture(line: Line, reason: str, score: float) -> Label:
    return Label("boilerplate", reason if line.letters else "layout", "labeller", round(1 - score, 3))
