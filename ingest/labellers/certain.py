"""What is certain about a line whatever stands around it: rules, controls, dates, bylines, captions; and what a text says twice."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.labellers.lines import Line
from ingest.model import Label, Page, Site
from ingest.rules import matching_rule
from ingest.vocabulary.bylines import is_byline
from ingest.vocabulary.captions import is_caption
from ingest.vocabulary.dates import date_line

# Shorter lines may well be said twice in one story ("Why?", a speaker's name).
REPEAT_WORDS = 3
DATE_WORDS = 14  # a date line with its labels


def certain_labels(page: Page, lines: Sequence[Line], site: Site | None) -> list[Label | None]:
    """One label for each span, None where only the context can tell."""
    return [_label(span.text, line, site) for span, line in zip(page.spans, lines, strict=True)]


def label_repeats(lines: Sequence[Line], labels: list[Label | None]) -> None:
    """Later occurrences of a line become removals, in place.

    Spared: the first occurrence, and short lines, which people do say more than once.
    """
    seen: set[str] = set()
    for i, line in enumerate(lines):
        label = labels[i]
        if line.words < REPEAT_WORDS or (label is not None and label.kind == "boilerplate"):
            continue
        if line.folded in seen:
            labels[i] = Label("boilerplate", "repeated", "seen-above")
        seen.add(line.folded)


def _label(text: str, line: Line, site: Site | None) -> Label | None:
    if not any(c.isalnum() for c in line.folded):
        return Label("boilerplate", "layout", "no-letters")
    if (rule := matching_rule(line.folded)) is not None:
        return Label("boilerplate", rule.reason, rule.name)
    if site is not None and line.folded in site.furniture:
        return Label("boilerplate", "site-banner", "site-furniture")
    if line.words <= DATE_WORDS and date_line(text) is not None:
        return Label("date", rule="date-line")
    if is_byline(text):
        return Label("byline", rule="byline")
    if is_caption(text):
        return Label("caption", rule="picture-credit")
    return None
