"""Dates in short lines of text, read strictly: nothing rather than a guess.

Spared, that is not read as a date: numeric forms whose day and month could be
exchanged ("03/04/2016"), two-digit years, relative times ("3 hours ago"),
ranges ("22-24 August 2016"), days that no calendar has, years outside
1900 … 2100.  Offsets count code points of the argument.  Only the first
`LOOK_AT` characters are looked at.  Every quantifier in the patterns is
bounded, so that the time is linear whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from ingest.datewords import (
    FILLERS,
    MONTHS,
    MONTHS_BEFORE_DAY,
    NOT_AFTER_ORDINAL_STOP,
    PUBLISHED,
    UPDATED,
    WEEKDAYS,
    key,
)

LOOK_AT = 1000  # characters
LINE = 200  # characters: longer lines are not datelines
YEARS = range(1900, 2101)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """`iso`: YYYY-MM-DD, or YYYY-MM-DDThh:mm:ss±hh:mm where the text names the offset."""

    iso: str
    start: int
    end: int


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


_YEAR_LIKE = re.compile(r"\d{4}")
_WORD = r"[^\W\d_]{3,14}"
_RANGE = r"(?<![/+-])(?<!\d[.,:–—])(?<!\d\s[-–—]\s)"
_OPEN = rf"(?<!\w){_RANGE}"  # not inside a number, a word or a range
_CLEAR = rf"(?<![^\W\u3040-\u9fff\uac00-\ud7a3]){_RANGE}"  # the same, where no blank parts words
_CLOSE = r"(?![\d_]|[-–/.,:]\d)"
_YMD = re.compile(
    rf"{_CLEAR}(?P<y>\d{{4}})(?:(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})"
    rf"|\.\s(?P<m2>\d{{1,2}})\.\s(?P<d2>\d{{1,2}})\.?"
    rf"|\s?[年년]\s?(?P<m3>\d{{1,2}})\s?[月월]\s?(?P<d3>\d{{1,2}})\s?[日일])(?!\d|[-/]\d)"
)
_DMY = re.compile(rf"{_OPEN}(?P<d>\d{{1,2}})(?P<s>[-/.]|\.\s)(?P<m>\d{{1,2}})(?P=s)(?P<y>\d{{4}}){_CLOSE}")
_DAY_MONTH = re.compile(
    rf"{_OPEN}(?P<d>\d{{1,2}})(?P<o>\.|st|nd|rd|th|er|º|ª|°|\.º|:e)?(?:[\s-]{{1,2}}|(?<=\.)|/)(?:(?:de|of)\s)?"
    rf"(?P<m>{_WORD})\.?,?(?:[\s-]{{1,2}}|/)(?:del?\s|,\s)?(?P<y>\d{{4}}){_CLOSE}",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"(?<![\w-])(?P<m>{_WORD})\.?\s{{1,2}}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,\s{{0,2}}|\s{{1,2}})(?P<y>\d{{4}}){_CLOSE}",
    re.IGNORECASE,
)
_ZONE = r"Z\b|(?:GMT|UTC)\b(?:\s?[+-]\d{1,2}(?::?\d\d)?)?|[+-]\d\d:?\d\d"
_CLOCK = re.compile(
    r"(?:T|\s{0,2}[,|·•–—-]?\s{0,2}(?:(?:at|um|kl|klo|à|às|a las|alle|alle ore|ore|om|godz|saat|o|den)[.:]?\s)?)"
    r"(?P<h>\d{1,2})\s?[:.h]\s?(?P<min>\d\d)(?::(?P<sec>\d\d)(?:[.,]\d{1,9})?)?(?![\d:]|\.\d)"
    rf"(?:\s?(?P<half>[ap])\.?m\b\.?)?(?:\s?(?:Uhr|uur|hrs|h)\b)?(?:\s?\(?(?P<zone>{_ZONE})(?![\w:]))?",
    re.IGNORECASE,
)


def _offset(zone: str) -> timezone | None:
    """The offset that a zone names; None for one that no place on Earth has."""
    digits = zone.upper().removeprefix("GMT").removeprefix("UTC").strip().replace(":", "")
    if digits in ("", "Z"):
        return timezone.utc
    hours, minutes = int(digits[1:3]), int(digits[3:5] or 0)
    if hours > 14 or minutes > 59:
        return None
    length = timedelta(hours=hours, minutes=minutes)
    return timezone(-length if digits[0] == "-" else length)


def _with_clock(day: date, text: str, start: int, end: int) -> FoundDate:
    """The date, with the time of day that follows it where the text says of which zone."""
    clock = _CLOCK.match(text, end)
    if clock is None:
        return FoundDate(day.isoformat(), start, end)
    hour = int(clock["h"])
    if clock["half"] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if clock["half"] in "pP" else 0)
    try:
        at = time(hour, int(clock["min"]), int(clock["sec"] or 0))
    except ValueError:  # not a time of day: "22 August 2016, 45.30 metres"
        return FoundDate(day.isoformat(), start, end)
    zone = _offset(clock["zone"]) if clock["zone"] else None
    iso = datetime.combine(day, at, zone).isoformat() if zone else day.isoformat()
    return FoundDate(iso, start, clock.end())


def _day(year: str, month: int | None, day: str) -> date | None:
    if month is None or int(year) not in YEARS:
        return None
    try:
        return date(int(year), month, int(day))
    except ValueError:
        return None


def _numeric(match: re.Match[str]) -> date | None:
    first, second = match["d"], match["m"]
    # Every locale of CLDR that writes stops puts the day first; slashes and dashes are used both ways.
    if "." in match["s"] or int(first) > 12 or first == second:
        found = _day(match["y"], int(second), first)
        if found:
            return found
    return _day(match["y"], int(first), second) if int(second) > 12 else None


def _found(text: str) -> Iterator[tuple[int, int, date]]:
    for match in _YMD.finditer(text):
        month, day = match["m"] or match["m2"] or match["m3"], match["d"] or match["d2"] or match["d3"]
        if found := _day(match["y"], int(month), day):
            yield match.start(), match.end(), found
    for match in _DMY.finditer(text):
        if found := _numeric(match):
            yield match.start(), match.end(), found
    for match in _DAY_MONTH.finditer(text):
        name = key(match["m"])
        if match["o"] == "." and name in NOT_AFTER_ORDINAL_STOP:
            continue
        if found := _day(match["y"], MONTHS.get(name), match["d"]):
            yield match.start(), match.end(), found
    for match in _MONTH_DAY.finditer(text):
        if found := _day(match["y"], MONTHS_BEFORE_DAY.get(key(match["m"])), match["d"]):
            yield match.start(), match.end(), found


def dates_in(text: str) -> list[FoundDate]:
    """All certain dates of the text's first `LOOK_AT` characters, in order, none overlapping."""
    text = text[:LOOK_AT]
    if not _YEAR_LIKE.search(text):
        return []
    dates: list[FoundDate] = []
    for start, end, day in sorted(_found(text)):
        if not dates or start >= dates[-1].end:
            dates.append(_with_clock(day, text, start, end))
    return dates


def parse_date(text: str) -> FoundDate | None:
    """The first certain date of the text, or None."""
    dates = dates_in(text)
    return dates[0] if dates else None


_COMPACT = re.compile(r"\s*(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)(Z|[+-]\d\d:?\d\d)?)?\s*", re.ASCII)


def date_of_value(value: str) -> str | None:
    """ISO form of the value of a date field, where "20160822" too is a date; None if it holds another or none."""
    value = value[:LOOK_AT].strip()
    if compact := _COMPACT.fullmatch(value):
        year, month, day, hour, minute, second, zone = compact.groups()
        value = f"{year}-{month}-{day}" + (f"T{hour}:{minute}:{second}{zone or ''}" if hour else "")
    found = parse_date(value)
    return found.iso if found else None


_TOKEN = re.compile(r"[^\W\d_]+|\d[\d:.h]*|_")
_TIME = re.compile(r"\d{1,2}(?:[:.h]\d\d){0,2}[:.h]?")


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
_SEPARATOR = re.compile(r"\s?[:|]\s|\s[-–—•·]\s")


def leading_date(text: str) -> DateLine | None:
    """The header at the start of a longer line: "date 2022-04-15 Troops have …".

    Certain are a label with a date, followed by what can open a sentence, and
    a date parted from the text by a stroke, a colon or a spaced dash; these
    last also open the entries of a chronology, so `labelled` is False.  A date
    that belongs to the sentence is spared.  `end` takes in the separator.
    """
    head = text[:LINE]
    label = _LABEL.match(head)
    word = key(label[1]) if label else ""
    labelled = label is not None and (word in PUBLISHED or word in UPDATED)
    start = label.end() if label and labelled else len(head) - len(head.lstrip())
    found = parse_date(head)
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
