"""The date and the names that the lines of one story say: datelines, bylines, short lines that end in a date.

Labels are settled in place: a line whose date or names the story does not hold becomes a removal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from ingest.model import Label, PageFacts, Span
from ingest.vocabulary.bylines import authors_of, is_byline_label
from ingest.vocabulary.dates import date_line, parse_date
from ingest.vocabulary.words import fold

HEADER = 2  # paragraphs that may stand over the end of the header: a standfirst, a caption taken for one
HEADER_LINE = 80  # characters of a line that may end in the date
_SHORT = frozenset(("boilerplate", "heading", "byline"))
_UNDECIDED = frozenset(("navigation", "related-links", "other", "metadata"))
_PART = re.compile(r",\s|\s?[|•·]\s?|\s[-–—]\s")


def named_below_labels(spans: Sequence[Span], labels: list[Label]) -> dict[int, tuple[str, ...]]:
    """Names that stand on the line below a "By" of flat text, by span; both lines get their labels.

    A page's mark-up tells its own byline from those of its teasers; there it has been read already.
    """
    named: dict[int, tuple[str, ...]] = {}
    for i, (span, below) in enumerate(pairwise(spans)):
        if span.dom is not None or labels[i + 1].kind not in _SHORT or not is_byline_label(span.text):
            continue
        if names := authors_of(f"By {below.text}"):
            named[i + 1] = names
            labels[i] = Label("boilerplate", "metadata", "byline-label", 0.8)
            labels[i + 1] = Label("byline", rule="name-below-label", score=0.8)
    return named


def settle_dates(
    spans: Sequence[Span], labels: list[Label], facts: PageFacts, *, opens_dump: bool
) -> str | None:
    """The page's own date, else the first date line that does not speak of an update, else one inside a header line.

    Where the first story of an HTML page has no date of its own, its lines have none to add: they
    were read with the mark-up.  On 400 development pages they would add no right date and 8 invented.
    """
    found = {i: date_line(spans[i].text) for i, label in enumerate(labels) if label.kind == "date"}
    shown = (line.found.iso for line in found.values() if line is not None and not line.update)
    published = facts.published
    if not (published or (opens_dump and spans and spans[0].dom is not None)):
        published = next(shown, None) or _date_in_header(spans, labels)
    for i, line in found.items():
        if published is None or line is None or line.found.iso[:10] != published[:10]:
            labels[i] = Label("boilerplate", "metadata", "other-date", 0.8)
    return published


def _date_in_header(spans: Sequence[Span], labels: list[Label]) -> str | None:
    """The one day in bylines and at the ends of short lines of the header: "Jane Doe, 22 August 2016 10:00".

    None where they name several: those are teasers; and for HTML, whose header has been read already.
    """
    if not spans or spans[0].dom is not None:
        return None
    paragraphs = [i for i, label in enumerate(labels) if label.kind == "paragraph"]
    header = range(paragraphs[HEADER] if len(paragraphs) > HEADER else len(labels))
    found = {i: day for i in header if (day := _day_of(spans[i].text, labels[i]))}
    if len({day[:10] for day in found.values()}) != 1:
        return None
    for i in found:
        if labels[i].kind != "byline":
            labels[i] = Label("date", rule="date-at-end-of-line", score=0.7)
    return next(iter(found.values()))


def _day_of(text: str, label: Label) -> str | None:
    if label.kind == "byline":
        day = parse_date(text)
        return day.iso if day else None
    if len(text) > HEADER_LINE or not (
        label.kind == "heading" or label.rule == "subtitle" or label.reason in _UNDECIDED
    ):
        return None
    parts = (line for cut in _PART.finditer(text) if (line := date_line(text[cut.end() :])))
    return next((line.found.iso for line in parts if not line.update), None)


def settle_bylines(
    spans: Sequence[Span], labels: list[Label], facts: PageFacts, named: Mapping[int, tuple[str, ...]]
) -> tuple[str, ...]:
    """The page's own authors, else those of all bylines; `named`: names of lines that are bylines by what is over them."""
    found = {
        i: named.get(i) or authors_of(spans[i].text)
        for i, label in enumerate(labels)
        if label.kind == "byline"
    }
    authors = facts.authors or tuple(dict.fromkeys(name for names in found.values() for name in names))
    for i, names in found.items():
        if not set(map(fold, names)) & set(map(fold, authors)):
            labels[i] = Label("boilerplate", "metadata", "byline-without-known-name", 0.6)
    return authors
