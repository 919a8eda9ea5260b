"""The forms in which dates are written, read strictly: nothing rather than a guess.

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
from datetime import UTC, date, datetime, time, timedelta, timezone

from ingest.vocabulary.datewords import MONTHS, MONTHS_BEFORE_DAY, NOT_AFTER_ORDINAL_STOP, key

LOOK_AT = 1000  # characters
YEARS = range(1900, 2101)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """`iso`: YYYY-MM-DD, or YYYY-MM-DDThh:mm:ss±hh:mm where the text names the offset."""

    iso: str
    start: int
    end: int


_YEAR_LIKE = re.compile(r"\d{4}")
# A date holds its year: none begins or ends further from one, nor looks further to see that it is whole.
_BEFORE_YEAR, _BEHIND_YEAR = 40, 20
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
_SHIFT = re.compile(r"(?P<sign>[+-])(?P<h>\d{1,2}?)(?::?(?P<min>\d\d))?$")
_CLOCK = re.compile(
    r"(?:T|\s{0,2}[,|·•–—-]?\s{0,2}(?:(?:at|um|kl|klo|à|às|a las|alle|alle ore|ore|om|godz|saat|o|den)[.:]?\s)?)"
    r"(?P<h>\d{1,2})\s?[:.h]\s?(?P<min>\d\d)(?::(?P<sec>\d\d)(?:[.,]\d{1,9})?)?(?![\d:]|\.\d)"
    rf"(?:\s?(?P<half>[ap])\.?m\b\.?)?(?:\s?(?:Uhr|uur|hrs|h)\b)?(?:\s?\(?(?P<zone>{_ZONE})(?![\w:]))?",
    re.IGNORECASE,
)


def _offset(zone: str) -> timezone | None:
    """The offset that a zone names; None for one that no place on Earth has."""
    shift = _SHIFT.search(zone)
    if shift is None:
        return UTC
    hours, minutes = int(shift["h"]), int(shift["min"] or 0)
    if hours > 14 or minutes > 59:
        return None
    length = timedelta(hours=hours, minutes=minutes)
    return timezone(-length if shift["sign"] == "-" else length)


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


def _found(text: str, start: int, end: int) -> Iterator[tuple[int, int, date]]:
    for match in _YMD.finditer(text, start, end):
        month, day = match["m"] or match["m2"] or match["m3"], match["d"] or match["d2"] or match["d3"]
        if found := _day(match["y"], int(month), day):
            yield match.start(), match.end(), found
    for match in _DMY.finditer(text, start, end):
        if found := _numeric(match):
            yield match.start(), match.end(), found
    for match in _DAY_MONTH.finditer(text, start, end):
        name = key(match["m"])
        if match["o"] == "." and name in NOT_AFTER_ORDINAL_STOP:
            continue
        if found := _day(match["y"], MONTHS.get(name), match["d"]):
            yield match.start(), match.end(), found
    for match in _MONTH_DAY.finditer(text, start, end):
        if found := _day(match["y"], MONTHS_BEFORE_DAY.get(key(match["m"])), match["d"]):
            yield match.start(), match.end(), found


def dates_in(text: str) -> list[FoundDate]:
    """All certain dates of the text's first `LOOK_AT` characters, in order, none overlapping."""
    text = text[:LOOK_AT]
    first = _YEAR_LIKE.search(text)
    if not first:
        return []
    *_, last = _YEAR_LIKE.finditer(text, first.start())
    dates: list[FoundDate] = []
    found = _found(text, max(0, first.start() - _BEFORE_YEAR), last.start() + _BEHIND_YEAR)
    for start, end, day in sorted(found):
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
