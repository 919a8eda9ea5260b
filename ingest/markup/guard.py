"""Mark-up made harmless before anything parses it: parsers' time grows with the square of some things."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ingest.vocabulary.wordlists import word_set

# Where elements nest deeper than `DEEP`, those below `MAXIMUM_DEPTH` are cut before the parse, which is
# quick at 5,000 levels and takes minutes at 100,000.  The deepest of 1,499 real pages reaches 46.
DEEP = 2000
MAXIMUM_DEPTH = 400

# Elements whose end tags people leave out: they do not nest for ever however many are opened.
_NEVER_DEEP = word_set(
    """p li dt dd tr td th thead tbody tfoot option optgroup br hr img input meta link area base col embed
    source track wbr html head body"""
)
_DRAWN = word_set("path polygon polyline circle ellipse line rect use stop image animate")  # SVG may say "/>"
_RAW_TEXT = word_set("script style textarea title xmp iframe noembed noframes")  # no tags inside
_TAG = re.compile(r"<(?:!--|(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>)")
SWOLLEN = 20_000  # characters of a tag's attributes; none of that size says what the element is
_SWOLLEN_TAG = re.compile(rf"<([a-zA-Z][a-zA-Z0-9]{{0,30}})[^<>]{{{SWOLLEN},}}>")

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]


def bounded_markup(html: str) -> str:
    """The page without tags that stand deeper than `MAXIMUM_DEPTH` and without the attributes of swollen tags.

    Spared: all text, and the whole of any page that has neither.
    """
    raw, opens = _opens(html)
    if (slim := _without_swollen_tags(html, raw, opens)) != html:
        html = slim
        raw, opens = _opens(html)
    if _depth_bound(raw, opens) <= DEEP:
        return html
    depth = deepest = 0
    pieces: list[str] = []
    copied = 0
    for tag in _tags(html):
        if tag[2].lower() in _NEVER_DEEP or (tag[2].lower() in _DRAWN and tag[0].endswith("/>")):
            continue
        depth = depth + 1 if not tag[1] else max(0, depth - 1)
        deepest = max(deepest, depth)
        if depth > MAXIMUM_DEPTH - bool(tag[1]):
            pieces += [html[copied : tag.start()], "<br>"]  # text on both sides stays apart
            copied = tag.end()
    return "".join([*pieces, html[copied:]]) if deepest > DEEP else html


def _opens(html: str) -> tuple[bytes, Places]:
    """The page's bytes, and where in them each "<" stands that something follows."""
    raw = html.encode("utf-8", "replace")
    return raw, np.flatnonzero(_array(raw)[:-1] == ord("<"))


def _array(raw: bytes) -> Bytes:
    return np.frombuffer(raw, np.uint8)


def _without_swollen_tags(html: str, raw: bytes, opens: Places) -> str:
    """Swollen tags are sought only where no "<" stands for as long: a pattern would look at each character of the page."""
    pieces: list[str] = []
    place = seen = copied = 0
    for open_ in opens[np.diff(opens, append=len(raw)) > SWOLLEN].tolist():
        place += len(raw[seen:open_].decode())
        seen = open_
        if tag := _SWOLLEN_TAG.match(html, place):
            pieces += [html[copied:place], f"<{tag[1]}>"]
            copied = tag.end()
    return "".join([*pieces, html[copied:]])


def _depth_bound(raw: bytes, opens: Places) -> int:
    """A depth that no element exceeds: the most by which opening "<" outnumber "</" in any stretch."""
    if not opens.size:
        return 0
    level = np.cumsum(np.where(_array(raw)[opens + 1] == ord("/"), -1, 1))
    return int((level - np.minimum.accumulate(level)).max()) + 1


def _tags(html: str) -> Iterator[re.Match[str]]:
    """Tags outside comments and outside the elements whose content is raw text."""
    folded = html.lower() if len(html.lower()) == len(html) else html  # "İ" folds to two characters
    position = 0
    while (tag := _TAG.search(html, position)) is not None:
        position = tag.end()
        if tag[2] is None:
            position = _behind(folded, "-->", position)
            continue
        yield tag
        if not tag[1] and tag[2].lower() in _RAW_TEXT:
            position = _behind(folded, f"</{tag[2].lower()}", position, inclusive=False)


def _behind(html: str, end: str, position: int, *, inclusive: bool = True) -> int:
    """Where the raw text ends; the page's end where it does not."""
    found = html.find(end, position)
    return len(html) if found < 0 else found + inclusive * len(end)
