"""Dates in short lines of text: datelines, and the date that heads a longer line.

The forms of the dates themselves are read in `ingest.vocabulary.dateforms`, whose names
this module passes on.  Spared: every line that says more than a date and its
labels.  Offsets count code points of the argument; only short pieces of a text
are looked at, so that the time does not grow with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.vocabulary.dateforms import FoundDate, date_of_value, dates_in, parse_date
from ingest.vocabulary.datewords import FILLERS, PUBLISHED, UPDATED, WEEKDAYS, key

__all__ = [
    "LINE",
    "DateLine",
    "FoundDate",
    "date_line",
    "date_of_value",
    "dates_in",
    "label_of",
    "leading_date",
    "parse_date",
]

LINE = 200  # characters: longer lines are not datelines


@dataclass(frozen=True, slots=True)
class DateLine:
    """A date with the labels around it; `start` … `end` spans labels, date and time.

    `update`: the label says changed, not published.  `labelled`: there is a
    label at all, and the caller need not weigh whether the date is the story's.
    """

    found: FoundDate
    start: int
    end: int
    update: bool
    labelled: bool


_TOKEN = re.compile(r"[^\W\d_]+|\d[\d:.h]*|_")
_TIME = re.compile(r"\d{1,2}(?:[:.h]\d\d){0,2}[:.h]{0,2}")


def label_of(text: str) -> tuple[bool, bool] | None:
    """(says published, says updated) if the text is made of date labels alone ("Last updated on"), else None."""
    if len(text) > LINE:
        return None
    published = updated = False
    for token in _TOKEN.findall(text):
        word = key(token)
        published |= word in PUBLISHED
        updated |= word in UPDATED
        known = word in PUBLISHED or word in UPDATED or word in FILLERS or word in WEEKDAYS
        if not known and not _TIME.fullmatch(token):
            return None
    return published, updated


def date_line(text: str) -> DateLine | None:
    """The date of a line that is nothing but dates with the usual labels, times and weekdays around them.

    Of "Published … Updated …" the publication.  None for any other line, for
    one with several days and no label that tells them apart, and for lines
    longer than `LINE` characters.
    """
    if len(text) > LINE:
        return None
    dates = dates_in(text)
    if not dates or label_of(text[dates[-1].end :]) is None:
        return None
    lines: list[DateLine] = []
    previous = 0
    for found in dates:
        says = label_of(text[previous : found.start])
        if says is None:
            return None
        lines.append(DateLine(found, 0, len(text), says[1] and not says[0], says[0] or says[1]))
        previous = found.end
    if len({line.found.iso[:10] for line in lines}) > 1 and not any(line.labelled for line in lines):
        return None
    return min(lines, key=lambda line: line.update)


_LABEL = re.compile(
    r"\s*(?:(?:last|first|originally)\s)?([^\W\d_]{4,20})(\s?:\s?|\s)(?:(?:on|am|le|el|em|il|op)\s)?",
    re.IGNORECASE,
)
_OPENS_DATE = re.compile(r"\d|[^\W\d_]{3,14}\.?\s{1,2}\d")  # as every form of a date does
_OPENING = 60  # characters, within which the date's first digit stands behind the longest label
_DIGIT = re.compile(r"\d")
_SEPARATOR = re.compile(r"\s?[:|]\s|\s[-–—•·]\s")


def leading_date(text: str) -> DateLine | None:
    """The header at the start of a longer line: "date 2022-04-15 Troops have …".

    Certain are a label with a date, followed by what can open a sentence, and
    a date parted from the text by a stroke, a colon or a spaced dash; these
    last also open the entries of a chronology, so `labelled` is False.  A date
    that belongs to the sentence is spared.  `end` takes in the separator.
    """
    head = text[:LINE]
    if not _DIGIT.search(head.lstrip()[:_OPENING]):
        return None
    label = _LABEL.match(head)
    word = key(label[1]) if label else ""
    labelled = label is not None and (word in PUBLISHED or word in UPDATED)
    start = label.end() if label and labelled else len(head) - len(head.lstrip())
    found = parse_date(head) if _OPENS_DATE.match(head, start) else None
    if found is None or found.start != start:
        return None
    separator = _SEPARATOR.match(head, found.end)
    end = separator.end() if separator else found.end
    rest = text[end : end + LINE].lstrip()
    if not rest:
        return None
    if not separator and not (labelled and head[end : end + 1].isspace()):
        return None
    # "Published 22 August 2016 the book …" may be a sentence; and after "2016 - " a number makes a range
    opens = (
        not rest[0].islower() and rest[0] not in ",;.)"
        if labelled
        else not rest[0].islower() and not rest[0].isdigit()
    )
    if not opens:
        return None
    first = len(head) - len(head.lstrip())
    return DateLine(found, first, end, labelled and word in UPDATED, labelled)
