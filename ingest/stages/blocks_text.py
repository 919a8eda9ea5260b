"""Flat text to spans: lines, parts of a line where one line holds two things, rejoined hard-wrapped paragraphs."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from ingest.model import Page, Span
from ingest.vocabulary.dates import LINE, leading_date
from ingest.vocabulary.fragments import fragment_text
from ingest.vocabulary.words import squeeze

_LINE = re.compile("[^\n\r\x0b\x0c\x85\u2028\u2029]+")
_LIST_ITEM = re.compile(r"\s*(?:[-–—*•·▪►]|\d{1,3}[.)])\s")

# A text is hard-wrapped where this share of its lines that have a successor in the same
# paragraph end in this range of columns: mail, wire copy and old archives.
WRAP_COLUMNS = range(50, 101)
WRAP_SHARE = 0.7
WRAP_MINIMUM_LINES = 8


def blocks_of_text(text: str) -> Page:
    """The page of a flat text: its text is untouched, every non-blank character lies in exactly one span."""
    lines = [m.span() for m in _LINE.finditer(text) if not m.group().isspace()]
    pieces = _rejoined(text, lines) if _is_hard_wrapped(text, lines) else lines
    spans = (_spans(text, start, end, opens=not n) for n, (start, end) in enumerate(pieces))
    return Page(text=text, spans=tuple(itertools.chain.from_iterable(spans)))


def _spans(text: str, start: int, end: int, *, opens: bool) -> tuple[Span, ...]:
    """One span, or two where a dump's header stands on the same line as the story's first words."""
    start, end = _trim(text, start, end)
    header = leading_date(text[start : start + LINE])
    # An unlabelled date opens entries of a chronology too: only on the first line is it the dump's.
    if header is None or start + header.end >= end or not (header.labelled or opens):
        return (_span(text, start, end),)
    cut = start + header.end
    return _span(text, *_trim(text, start, cut)), _span(text, *_trim(text, cut, end))


def _span(text: str, start: int, end: int) -> Span:
    return Span(start, end, squeeze(fragment_text(text[start:end])))


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    line = text[start:end]
    end -= len(line) - len(line.rstrip())
    return end - len(line.strip()), end


def _is_hard_wrapped(text: str, lines: list[tuple[int, int]]) -> bool:
    if max((e - s for s, e in lines), default=0) > WRAP_COLUMNS.stop:
        return False
    inner = [(s, e) for (s, e), (following, _) in itertools.pairwise(lines) if not _gap(text, e, following)]
    if len(inner) < WRAP_MINIMUM_LINES:
        return False
    return sum(e - s in WRAP_COLUMNS for s, e in inner) >= WRAP_SHARE * len(inner)


def _rejoined(text: str, lines: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Paragraphs of a hard-wrapped text: a line goes on in the next one unless it is blank, short or a list item."""
    start, end = lines[0]
    for s, e in lines[1:]:
        short = end - max(start, text.rfind("\n", start, end) + 1) < WRAP_COLUMNS.start
        if _gap(text, end, s) or short or _LIST_ITEM.match(text, s, e):
            yield start, end
            start = s
        end = e
    yield start, end


def _gap(text: str, end: int, start: int) -> bool:
    """Whether a blank line lies between."""
    return text[end:start].replace("\r\n", "\n").count("\n") > 1
