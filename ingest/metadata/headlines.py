"""What stands around a page's headline: its h1 texts, and the texts beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.vocabulary.words import fold, squeeze

HEADINGS = 20  # h1 elements looked at
AROUND = 50  # texts after the headline that are looked at
NODES = 20_000  # of the page, walked in search of the headline
PIECES = 500  # texts of one heading
_UNSEEN = frozenset(("script", "style", "noscript", "template", "svg", "select", "head"))
_BESIDES = _UNSEEN | {"nav", "footer", "aside"}
_UNREAD = frozenset(("script", "style", "noscript", "template", "title", "button"))  # in or under a heading
_BREAKS = frozenset(("br", "div", "p", "li", "span", "h2", "h3"))


@dataclass(frozen=True, slots=True)
class PageText:
    """A text of the page; `machine`: the datetime of the time element that holds it."""

    text: str
    machine: str | None
    parent: LexborNode | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Texts of the page in order; `headline`: how many stand before its headline, None where it has none."""

    texts: list[PageText]
    headline: int | None


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


def headings_of(tree: LexborHTMLParser) -> list[str]:
    """Texts of the page's h1 elements, in order, empty ones left out."""
    texts = [shown_text(node) for node in tree.css("h1")[:HEADINGS]]
    return [text for text in texts if text]


def _walk(top: LexborNode, spared: frozenset[str]) -> Iterator[LexborNode]:
    """Nodes below `top` in order, without those inside the spared elements; at most `NODES`."""
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


def _texts(tree: LexborHTMLParser, title: str, spared: frozenset[str], enough: int) -> Surroundings:
    """The page's texts up to `enough` after its headline."""
    texts: list[PageText] = []
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
            timed = parent is not None and parent.tag == "time"
            machine = parent.attributes.get("datetime") if parent is not None and timed else None
            texts.append(PageText(squeeze(raw[:1000]), machine, parent))
        elif node.tag == "time" and node.child is None and (machine := node.attributes.get("datetime")):
            texts.append(PageText("", machine, node))
    return Surroundings(texts, headline)


def surroundings(tree: LexborHTMLParser, title: str | None) -> Surroundings:
    """The texts up to `AROUND` after the headline, without asides, navigation and footers."""
    return _texts(tree, title or "", _BESIDES, AROUND)


def all_texts(tree: LexborHTMLParser) -> list[PageText]:
    """The texts of the page, those of asides, navigation and footers too."""
    return _texts(tree, "", _UNSEEN, NODES).texts
