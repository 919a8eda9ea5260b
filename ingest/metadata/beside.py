"""The date and the byline beside a page's headline.

All distances count texts (text nodes that are not blank) from the headline on;
they were chosen on the 1,499 development pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.metadata.headlines import AROUND, Headline, PageText, texts_in
from ingest.vocabulary.bylines import authors_of, is_byline_label, names_of
from ingest.vocabulary.dates import LINE, DateLine, date_line, date_of_value, dates_in, label_of, parse_date

AFTER = 12  # where a date stands: there 8 of 9 were right, beyond it 1 of 2
UPDATED = 6  # where the date of a change stands for a missing publication
CARDS, MANY = 30, 3  # so many unlabelled days among so many texts belong to teasers
SHOWN = 6  # where a shown date may correct the declared one
BYLINE = 15  # where a byline stands
DATED = 200  # elements marked as dates that are looked at
NAMES = 12  # texts that a list of names may take
_JOINTS = frozenset((",", "and", "&", "und", "et", "y", "e", "|", "•", "·", "og", "och", "en", "/"))
_AUTHOR_MARK = re.compile(r"author|byline|/people/|/profile", re.IGNORECASE)
_DATED = (
    'time, [class*="date" i], [class*="publi" i], [class*="posted" i], [id*="date" i], [itemprop*="date" i]'
)
_STROKES = re.compile(r"\s?[|•·]\s?|\s[-–—]\s")
_MARKS = ("class", "itemprop", "rel", "href", "data-testid", "id")


def _line(texts: list[PageText], at: int) -> DateLine | None:
    """The date line at a place, with a label that stands in the text before it; None where that labels something else."""
    text = texts[at].text
    if len(text) > LINE or not dates_in(text):
        return None
    line = date_line(text) or _labelled_part(text)
    if line is None or line.labelled or not at:
        return line
    before = texts[at - 1].text
    labels = label_of(before)
    if labels is None and before.endswith((":", "：")):  # "Release date:", "Deadline:"
        return None
    published, updated = labels or (False, False)
    return DateLine(line.found, line.start, line.end, updated and not published, published or updated)


def _labelled_part(text: str) -> DateLine | None:
    """The labelled date among the parts of a line: "Essay – Published: 22 August 2016 | 3 comments"."""
    parts = _STROKES.split(text)
    lines = (date_line(part) for part in parts) if len(parts) > 1 else ()
    return next((line for line in lines if line and line.labelled), None)


def _dates(texts: list[PageText], places: Iterable[int], *, update: bool = False) -> Iterator[str]:
    """Dates of the date lines at the places: of publication, or (`update`) of a change."""
    for place in places:
        item = texts[place]
        line = _line(texts, place)
        if (line.update if line is not None else _is_changed(texts, place)) is not update:
            continue
        if item.machine and not update and (iso := date_of_value(item.machine)):
            yield iso
        elif line is not None:
            yield line.found.iso
        elif not update and (found := parse_date(item.text)) and authors_of(item.text):
            yield found.iso  # "By Jane Doe, 22 August 2016"


def _is_changed(texts: list[PageText], at: int) -> bool:
    """Whether a time shown without its day ("3 hours ago") is labelled as a change."""
    labels = label_of(texts[at - 1].text) if at and texts[at].machine else None
    return labels == (False, True)


def _labelled_days(texts: list[PageText]) -> Iterator[str]:
    """Dates that a label says to be of publication."""
    lines = (_line(texts, place) for place in range(len(texts)))
    return (line.found.iso for line in lines if line and line.labelled and not line.update)


def _unlabelled_days(texts: list[PageText]) -> set[str]:
    lines = (_line(texts, place) for place in range(len(texts)))
    return {line.found.iso[:10] for line in lines if line and not line.labelled}


def earlier_date(headline: Headline, declared: str) -> str | None:
    """The day shown right under the headline where it is more than a day before the declared one.

    A page's machinery declares what its software last did to it; readers are
    shown the date of the story.  Of dates that disagreed on development pages
    the shown one was right on 7 of 8 where it was the earlier, and is not
    taken where it is the later (right on 6 of 15: most were changes).
    """
    if not headline.stands:
        return None
    texts, at = headline.texts(AFTER)
    shown = next(_dates(texts, range(at, min(at + SHOWN, len(texts)))), None)
    shown = shown or next(_labelled_days(texts[at:]), None)
    if shown and date.fromisoformat(declared[:10]) - date.fromisoformat(shown[:10]) > timedelta(days=1):
        return shown
    return None


def date_beside(tree: LexborHTMLParser, headline: Headline) -> str | None:
    """The date that stands beside the headline, or that the page labels as its publication; ISO form or None.

    Spared: dates inside sentences, in asides, navigation and footers, and
    lists of teasers.  A date of change counts only near the headline of a page
    that shows no other: there it was what people took for the day of
    publication on 4 of 5 development pages.
    """
    texts, at = headline.texts(AROUND)
    if len(_unlabelled_days(texts[at : at + CARDS])) >= MANY:
        return None
    after = range(at, min(at + AFTER, len(texts)))
    before = range(at - 1, -1, -1)
    if near := next(_dates(texts, [*after, *before]), None):
        return near
    if changed := next(_dates(texts, [*after[:UPDATED], *before], update=True), None):
        return changed
    labelled = [*_labelled_days(texts), *_labelled_dates(tree)]
    if len({iso[:10] for iso in labelled}) == 1:
        return labelled[0]
    # the first post of a thread: a date with a time of day
    posts = [i for i in range(at + AFTER, len(texts)) if texts[i].machine or ":" in texts[i].text]
    return next(_dates(texts, posts), None)


def _labelled_dates(tree: LexborHTMLParser) -> Iterator[str]:
    """Dates anywhere on the page, in elements marked as dates, that a label says to be of publication."""
    for node in tree.css(_DATED)[:DATED]:
        if len(node.text()) <= 4 * LINE:
            yield from _labelled_days(texts_in(node))


def _marked_author(node: LexborNode | None) -> bool:
    """Whether an element or one of the two around it is marked as naming the author."""
    for _ in range(3):
        if node is None:
            return False
        attributes = node.attributes
        if _AUTHOR_MARK.search(" ".join(attributes.get(name) or "" for name in _MARKS)[:500]):
            return True
        node = node.parent
    return False


def _names_after(texts: list[str], label: int) -> tuple[str, ...]:
    """The names in the texts after a "By": the first, and more as long as commas or "and" join them."""
    found: dict[str, None] = {}
    joined = True
    for text in texts[label + 1 : label + 1 + NAMES]:
        if text.casefold() in _JOINTS:
            joined = True
            continue
        names = names_of([text], strict=True) if joined else ()
        if not names:
            break
        found.update(dict.fromkeys(names))
        joined = text.endswith((",", "&"))
    return tuple(found)


def authors_beside(headline: Headline) -> tuple[str, ...]:
    """The names of the byline beside the headline: in one text, after a text that says "By", or marked as author's."""
    around, at = headline.texts(BYLINE)
    texts = [item.text for item in around]
    marked: dict[str, None] = {}
    for place in [*range(at, len(texts)), *range(at - 1, -1, -1)]:
        text = texts[place]
        if names := authors_of(text):
            return names
        if is_byline_label(text):
            if names := _names_after(texts, place):
                return names
        elif len(text) <= 100 and _marked_author(around[place].parent):
            marked.update(dict.fromkeys(names_of([text], strict=True)))
    return tuple(marked)
