"""What is certain about a line whatever stands around it: rules, controls, dates, bylines, captions; and what a text says twice."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from ingest.labellers.lines import REMEMBERED, SHORT_LINE, Line
from ingest.model import Label, Page, Site
from ingest.rules import matching_rule
from ingest.vocabulary.bylines import is_byline
from ingest.vocabulary.captions import is_caption
from ingest.vocabulary.dates import date_line
from ingest.vocabulary.words import words

# Shorter lines may well be said twice in one story ("Why?", a speaker's name).
REPEAT_WORDS = 3
DATE_WORDS = 14  # a date line with its labels
TOLD = 3  # first paragraphs, whose words a headline has


def certain_labels(page: Page, lines: Sequence[Line], site: Site | None) -> list[Label | None]:
    """One label for each span, None where only the context can tell."""
    labels = [
        (_short_label if len(span.text) <= SHORT_LINE else _label)(span.text, line)
        for span, line in zip(page.spans, lines, strict=True)
    ]
    if site is not None and site.furniture:
        _label_furniture(lines, labels, site.furniture)
    return labels


def label_repeats(lines: Sequence[Line], labels: list[Label | None], likely: Sequence[bool]) -> None:
    """Later occurrences of a line become removals, in place.

    `likely`: which lines are body if nothing else speaks against it.
    Spared: the first occurrence; behind the first prose also the first likely one, for what stood above it may be
    a table of contents; and short lines, which people do say more than once.
    """
    prose = next((i for i, line in enumerate(lines) if likely[i] and line.prose), len(lines))
    seen: dict[str, bool] = {}  # whether one of them was likely
    for i, line in enumerate(lines):
        label = labels[i]
        if line.words < REPEAT_WORDS or (label is not None and label.kind == "boilerplate"):
            continue
        if line.folded not in seen:
            seen[line.folded] = likely[i]
        elif likely[i] and i > prose and not seen[line.folded]:
            seen[line.folded] = True
        else:
            labels[i] = Label("boilerplate", "repeated", "seen-above")


def _label_furniture(lines: Sequence[Line], labels: list[Label | None], furniture: frozenset[str]) -> None:
    """What the source repeats becomes removals, in place.

    Spared: what is a date, a byline or a credit all the same, and a headline that happens to equal a section's
    name: the last of them over the story, where nothing else could be its headline and its words are the
    story's too.
    """
    repeated = {i for i, line in enumerate(lines) if labels[i] is None and line.folded in furniture}
    open_ = [i for i, label in enumerate(labels) if label is None and i not in repeated]
    prose = [i for i in open_ if lines[i].prose]
    headline = None
    if prose and not any(lines[i].title_like for i in open_ if i < prose[0]):
        told = {word for i in prose[:TOLD] for word in words(lines[i].folded)}
        headline = max((i for i in repeated if i < prose[0] and lines[i].letters), default=None)
        if headline is not None and not set(words(lines[headline].folded)) <= told:
            headline = None
    for i in repeated:
        if i != headline:
            labels[i] = Label("boilerplate", "site-banner", "site-furniture")


def _label(text: str, line: Line) -> Label | None:
    if not line.letters and not any(map(str.isalnum, line.folded)):
        return Label("boilerplate", "layout", "no-letters")
    if (rule := matching_rule(line.folded)) is not None:
        return Label("boilerplate", rule.reason, rule.name)
    if line.words <= DATE_WORDS and date_line(text) is not None:
        return Label("date", rule="date-line")
    if is_byline(text):
        return Label("byline", rule="byline")
    if is_caption(text):
        return Label("caption", rule="picture-credit")
    return None


_short_label = lru_cache(REMEMBERED)(_label)
