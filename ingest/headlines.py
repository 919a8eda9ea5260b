"""What stands around a page's headline: its h1 texts, and the date line beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.bylines import authors_of, is_byline_label, names_of
from ingest.dates import DateLine, date_line, date_of_value, label_of, parse_date
from ingest.words import fold, squeeze

HEADINGS = 20  # h1 elements looked at
BEFORE, AFTER = (
    5,
    12,
)  # texts around the headline among which its date stands; on the development pages 8 of 9 were right
UPDATED = 6  # texts after it in which the date of a change stands for a missing publication
CARDS, MANY = 30, 3  # so many unlabelled days among so many texts under the headline belong to teasers
SHOWN = 6  # texts after it in which a shown date may correct the declared one
POSTS = 50  # texts after it in which a date with a time of day still stands at the first post of a thread
NODES = 20_000  # of the page, walked in search of a date
BYLINE = 15  # texts after it in which its byline stands
_JOINTS = frozenset((",", "and", "&", "und", "et", "y", "e", "|", "•", "·", "og", "och", "en", "/"))
_AUTHOR_MARK = re.compile(r"author|byline|/people/|/profile", re.IGNORECASE)
_UNSEEN = frozenset(("script", "style", "noscript", "template", "svg", "select", "head"))
_BESIDES = _UNSEEN | {"nav", "footer", "aside"}
_UNREAD = frozenset(("script", "style", "noscript", "template", "title", "button"))  # in or under a heading
_BREAKS = frozenset(("br", "div", "p", "li", "span", "h2", "h3"))


def shown_text(node: LexborNode) -> str:
    """The text of an element on one line; elements that break it leave a blank, inline ones none."""
    pieces: list[str] = []
    for child in node.traverse(include_text=True):
        if child.tag == "-text":
            if child.parent is not None and child.parent.tag in _UNREAD:
                continue
            pieces.append(child.text_content or "")
        elif child.tag in _BREAKS:
            pieces.append(" ")
        if len(pieces) > 500:
            break
    return squeeze("".join(pieces))


def headings_of(tree: LexborHTMLParser) -> list[str]:
    """Texts of the page's h1 elements, in order, empty ones left out."""
    texts = [shown_text(node) for node in tree.css("h1")[:HEADINGS]]
    return [text for text in texts if text]


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of the page; `machine`: the datetime of the time element that holds it."""

    text: str
    machine: str | None
    parent: LexborNode | None


def _walk(top: LexborNode, spared: frozenset[str]) -> Iterator[LexborNode]:
    """Nodes below `top` in order, without those inside the spared elements."""
    node, count = top.child, 0
    while node is not None and count < NODES:
        count += 1
        yield node
        following = None if node.tag in spared else node.child
        while following is None:
            following = node.next
            if following is None:
                parent = node.parent
                if parent is None or parent.mem_id == top.mem_id:
                    return
                node = parent
        node = following


def _texts(
    tree: LexborHTMLParser, title: str, spared: frozenset[str], *, enough: int = NODES
) -> tuple[list[_Text], int | None]:
    """The page's texts up to `enough` after its headline, and how many stand before that (None: it has none)."""
    texts: list[_Text] = []
    headline: int | None = None
    wanted = fold(title)
    certain = False
    for node in _walk(tree.body, spared) if tree.body is not None else ():
        if certain and headline is not None and len(texts) - headline >= enough:
            break
        if node.tag == "h1" and not certain:
            certain = fold(shown_text(node)) == wanted
            if certain or headline is None:
                headline = len(texts)
        elif node.tag == "-text" and (raw := node.text_content) and not raw.isspace():
            parent = node.parent
            machine = (
                parent.attributes.get("datetime") if parent is not None and parent.tag == "time" else None
            )
            texts.append(_Text(squeeze(raw[:1000]), machine, parent))
        elif node.tag == "time" and node.child is None and (machine := node.attributes.get("datetime")):
            texts.append(_Text("", machine, node))
    return texts, headline


def _line(texts: list[_Text], at: int) -> DateLine | None:
    """The date line at a place, with a label that stands in the text before it; None where that labels something else."""
    line = date_line(texts[at].text)
    if line is None or line.labelled or not at:
        return line
    before = texts[at - 1].text
    labels = label_of(before)
    if labels is None and before.endswith((":", "：")):  # "Release date:", "Deadline:"
        return None
    published, updated = labels or (False, False)
    return DateLine(line.found, line.start, line.end, updated and not published, published or updated)


def _publication(texts: list[_Text], places: Iterable[int], *, update: bool = False) -> Iterator[str]:
    """Dates of the date lines at the places that are labels of publication, or (`update`) of change."""
    for place in places:
        line = _line(texts, place)
        if line is not None and line.update is not update:
            continue
        machine = texts[place].machine
        if machine and not update and (iso := date_of_value(machine)):
            yield iso
        elif line or (not update and authors_of(texts[place].text)):
            found = line.found if line else parse_date(texts[place].text)
            if found:
                yield found.iso


def _days(texts: list[_Text]) -> set[str]:
    lines = (_line(texts, place) for place in range(len(texts)))
    return {line.found.iso[:10] for line in lines if line and not line.labelled}


@dataclass(frozen=True, slots=True)
class Beside:
    """The page's texts around its headline; `at`: how many stand before it, None where it has none."""

    texts: list[_Text]
    at: int | None


def beside(tree: LexborHTMLParser, title: str | None) -> Beside:
    """The texts up to `POSTS` after the headline, without asides, navigation and footers."""
    return Beside(*_texts(tree, title or "", _BESIDES, enough=POSTS))


def _marked_author(node: LexborNode | None) -> bool:
    """Whether an element or one of the two around it is marked as naming the author."""
    for _ in range(3):
        if node is None:
            return False
        attributes = node.attributes
        marks = " ".join(
            attributes.get(name) or "" for name in ("class", "itemprop", "rel", "href", "data-testid", "id")
        )
        if _AUTHOR_MARK.search(marks[:500]):
            return True
        node = node.parent
    return False


def authors_beside(around: Beside) -> tuple[str, ...]:
    """The names of the byline beside the headline, in one text or after a text that says "By"."""
    at = around.at or 0
    texts = [item.text for item in around.texts[: at + BYLINE]]
    marked: list[str] = []
    for place in [*range(at, len(texts)), *range(at - 1, max(at - BEFORE, 0) - 1, -1)]:
        if names := authors_of(texts[place]):
            return names
        if not is_byline_label(texts[place]):
            if len(texts[place]) <= 100 and _marked_author(around.texts[place].parent):
                marked += names_of([texts[place]], strict=True)
            continue
        found: list[str] = []
        for text in texts[place + 1 : place + 12]:
            if text.strip().casefold() in _JOINTS:
                continue
            named = names_of([text], strict=True)
            if not named or (found and texts[texts.index(text) - 1].strip().casefold() not in _JOINTS):
                break
            found += named
        if found:
            return tuple(dict.fromkeys(found))
    return tuple(dict.fromkeys(marked))


def earlier_date(around: Beside, declared: str) -> str | None:
    """The day shown right under the headline where it is more than a day before the declared one.

    A page's machinery declares what its software last did to it; readers are
    shown the date of the story: the earlier of the two was right on 7 of 8
    development pages, the later on 6 of 15.
    """
    texts, headline = around.texts, around.at
    if headline is None:
        return None
    shown = next(_publication(texts, range(headline, min(headline + SHOWN, len(texts)))), None)
    if shown and date.fromisoformat(declared[:10]) - date.fromisoformat(shown[:10]) > timedelta(days=1):
        return shown
    return None


def date_beside(tree: LexborHTMLParser, around: Beside) -> str | None:
    """The date that stands beside the headline, or that the page labels as its publication; ISO form or None.

    Spared: dates inside sentences, in asides, navigation and footers.  A date
    of change counts only right under the headline of a page that shows no
    other: there it was the day of publication on 4 of 5 development pages.
    """
    texts = around.texts
    at = around.at or 0
    after = range(at, min(at + AFTER, len(texts)))
    if len(_days(texts[at : at + CARDS])) >= MANY:
        return None  # a list of teasers or a thread: no date is the page's
    if near := next(_publication(texts, [*after, *range(at - 1, max(at - BEFORE, 0) - 1, -1)]), None):
        return near
    if changed := next(_publication(texts, after[:UPDATED], update=True), None):
        return changed
    everywhere, _ = _texts(tree, "", _UNSEEN)
    lines = [
        line
        for place in range(len(everywhere))
        if (line := _line(everywhere, place)) and line.labelled and not line.update
    ]
    if len({line.found.iso[:10] for line in lines}) == 1:
        return lines[0].found.iso
    posts = range(at + AFTER, min(at + POSTS, len(texts)))
    return next(
        _publication(texts, (place for place in posts if texts[place].machine or ":" in texts[place].text)),
        None,
    )
