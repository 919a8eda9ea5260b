"""What stands around a page's headline: its h1 texts, and the texts before and behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.vocabulary.words import fold, squeeze

HEADINGS = 20  # h1 elements looked at
TITLES = 60  # other elements looked at for the headline of a page that has it in no h1
BEFORE = 6  # texts before the headline that are looked at
AROUND = 50  # texts from the headline on that are looked at
NODES = 3_000  # walked in search of them
PIECES = 500  # texts of one heading
SHORT_ASIDE = 200  # characters; a longer aside or footer tells of other things, a shorter one in a story holds its byline
_BESIDES = frozenset(("nav", "footer", "aside"))
_STORIES = frozenset(("article", "header"))
_UNSEEN = frozenset(("script", "style", "noscript", "template", "svg", "select", "head"))
_UNREAD = frozenset(("script", "style", "noscript", "template", "title", "button"))  # in or under a heading
_BREAKS = frozenset(("br", "div", "p", "li", "span", "h2", "h3"))
_TITLES = 'h2, h3, [itemprop="headline"], [class*="title"], [class*="headline"]'


@dataclass(frozen=True, slots=True)
class PageText:
    """A text of the page; `machine`: the datetime of the time element that holds it."""

    text: str
    machine: str | None
    parent: LexborNode | None


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
        if len(pieces) > PIECES:
            break
    return squeeze("".join(pieces))


class Headline:
    """Where a page says its title, and what stands around it, read only as far as it is asked for.

    `stands`: whether there is such a place; where there is none, the page's beginning stands for it.
    Left out: navigation, footers and asides, but for short ones of a story.
    """

    def __init__(self, tree: LexborHTMLParser, headings: list[tuple[LexborNode, str]], title: str | None):
        node = _place(tree, headings, title) if title else None
        self.stands = node is not None
        self._read: list[PageText] = []
        self._rest = _texts(_onward(node or tree.body))
        self._before = [*islice(_texts(_backward(node)), BEFORE)][::-1] if node is not None else []

    def texts(self, count: int) -> tuple[list[PageText], int]:
        """Up to `BEFORE` texts before the headline, `count` from its own on; and the place of its first."""
        missing = count - len(self._read)
        if missing > 0:
            self._read += islice(self._rest, missing)
        return [*self._before, *self._read[:count]], len(self._before)


def texts_in(node: LexborNode) -> list[PageText]:
    """The text before an element, which may be its label, and those inside it, in order."""
    inside = (child for child in node.traverse(include_text=True) if child.tag == "-text")
    return [*islice(_texts(_backward(node)), 1), *_texts(inside)]


def headings_of(tree: LexborHTMLParser) -> list[tuple[LexborNode, str]]:
    """The page's h1 elements and their texts, in order, empty ones left out."""
    found = [(node, shown_text(node)) for node in tree.css("h1")[:HEADINGS]]
    return [(node, text) for node, text in found if text]


def _place(tree: LexborHTMLParser, headings: list[tuple[LexborNode, str]], title: str) -> LexborNode | None:
    """The element that says the title: an h1, another that is marked as a title, else the first h1."""
    wanted = fold(title)
    seen = [(node, text) for node, text in headings if not _is_beside(node)]
    for node, text in seen:
        if fold(text) == wanted:
            return node
    if not headings:
        near = range(len(title) // 2, 4 * len(title) + 200)  # white space and hidden labels count
        for node in tree.css(_TITLES)[:TITLES]:
            if len(node.text()) in near and fold(shown_text(node)) == wanted and not _is_beside(node):
                return node
    return seen[0][0] if seen else None


def _is_beside(node: LexborNode | None) -> bool:
    while node is not None:
        if node.tag in _BESIDES:
            return True
        node = node.parent
    return False


def _spared(node: LexborNode) -> bool:
    tag = node.tag
    if tag in ("aside", "footer") and (parent := node.parent) is not None and parent.tag in _STORIES:
        return len(squeeze(node.text()[: 10 * SHORT_ASIDE])) > SHORT_ASIDE
    return tag in _UNSEEN or tag in _BESIDES


def _onward(start: LexborNode | None) -> Iterator[LexborNode]:
    """The nodes from `start` to the page's end, without those inside the spared elements; at most `NODES`."""
    node = start
    for _ in range(NODES):
        if node is None:
            return
        yield node
        following = None if _spared(node) else node.child
        while following is None and node is not None:
            following = node.next
            node = node.parent
        node = following


def _backward(start: LexborNode) -> Iterator[LexborNode]:
    """The leaves before `start`, the nearest first, without those inside the spared elements; at most `NODES`."""
    node: LexborNode | None = start
    for _ in range(NODES):
        while node is not None and node.prev is None:
            node = node.parent
        if node is None or node.tag == "body":
            return
        node = node.prev
        while node is not None and not _spared(node) and (last := node.last_child) is not None:
            node = last
        if node is None:
            return
        yield node


def _texts(nodes: Iterator[LexborNode]) -> Iterator[PageText]:
    for node in nodes:
        tag = node.tag
        if tag == "-text":
            raw = node.text_content
            if raw and not raw.isspace():
                parent = node.parent
                yield PageText(squeeze(raw[:1000]), _machine(parent), parent)
        elif node.child is None and (machine := _machine(node)):
            yield PageText("", machine, node)


def _machine(node: LexborNode | None) -> str | None:
    """The datetime of a time element, or of one that a script turns into one ("relative-time")."""
    if node is None or not (tag := node.tag) or "time" not in tag or (tag != "time" and "-" not in tag):
        return None
    return node.attributes.get("datetime")
