"""Labels for text without mark-up: what is certain, then position among the prose.

Prose carries a story; what is not prose is judged by where it stands: a lone short line over
prose is a heading, a run of short lines is a menu or a list of links, short lines behind the
last prose are the page's foot.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from ingest.labellers.certain import certain_labels, label_repeats
from ingest.labellers.lines import Line, line_of
from ingest.model import Label, Page, Site

# A run of more undecided short lines than this inside the prose is a list of links or a menu.
RUN_OF_HEADINGS = 2
_SCORE = 0.6  # of what only the position says


def label_flat(page: Page, site: Site | None = None) -> Sequence[Label]:
    """One label for each span of a flat text (see `ingest.labellers.Labeller`)."""
    lines = [line_of(span.text) for span in page.spans]
    labels = certain_labels(page, lines, site)
    label_repeats(lines, labels)
    for i, line in enumerate(lines):
        if labels[i] is None and line.prose:
            labels[i] = Label("paragraph", rule="prose")
    prose = [i for i, label in enumerate(labels) if label is not None and label.kind == "paragraph"]
    first, last = (prose[0], prose[-1]) if prose else (len(lines), -1)
    for undecided, run in groupby(range(len(lines)), key=lambda i: labels[i] is None):
        if undecided:
            members = list(run)
            if members[0] < first:
                _label_head(members, lines, labels)
            elif members[-1] > last:
                _label_foot(members, lines, labels)
            else:
                _label_inside(members, lines, labels)
    return [
        label if label is not None else Label("boilerplate", "other", "undecided", 0.0) for label in labels
    ]


def _label_head(members: list[int], lines: Sequence[Line], labels: list[Label | None]) -> None:
    """Before any prose: headlines are settled later, story by story; the rest is the site's head."""
    for i in members:
        labels[i] = (
            Label("heading", rule="over-prose", score=_SCORE)
            if lines[i].title_like
            else _furniture("short-line-in-head")
        )


def _label_inside(members: list[int], lines: Sequence[Line], labels: list[Label | None]) -> None:
    for i in members:
        line = lines[i]
        if line.list_item or (line.terminal and line.letters):
            labels[i] = Label("paragraph", rule="short-line-in-prose", score=_SCORE)
        elif len(members) <= RUN_OF_HEADINGS and line.letters:
            labels[i] = Label("heading", rule="over-prose", score=_SCORE)
        elif line.title_like:
            labels[i] = Label("boilerplate", "related-links", "run-of-titles", _SCORE)
        else:
            labels[i] = _furniture("run-of-short-lines")


def _label_foot(members: list[int], lines: Sequence[Line], labels: list[Label | None]) -> None:
    """Behind the last prose: a closing short sentence still belongs to it, until the first line that does not."""
    closing = True
    for i in members:
        closing = closing and lines[i].terminal and lines[i].letters
        if closing:
            labels[i] = Label("paragraph", rule="short-line-in-prose", score=_SCORE)
        elif lines[i].title_like:
            labels[i] = Label("boilerplate", "related-links", "title-in-foot", _SCORE)
        else:
            labels[i] = _furniture("short-line-in-foot")


def _furniture(rule: str) -> Label:
    return Label("boilerplate", "navigation", rule, _SCORE)
