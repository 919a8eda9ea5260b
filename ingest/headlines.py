"""What stands around a page's headline: its h1 texts, and the date line next to it."""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.bylines import authors_of
from ingest.dates import DateLine, date_line
from ingest.words import squeeze

HEADINGS = 20  # h1 elements looked at
NEAR = 60  # texts after the headline in which its date stands
BEFORE = 12  # texts before it
NODES = 50_000  # of the page walked in search of the headline
PROSE = 240  # characters: the story has begun
_SILENT = frozenset(
    ("script", "style", "noscript", "template", "svg", "nav", "footer", "aside", "select", "form")
)
_BREAKS = frozenset(("br", "div", "p", "li", "span", "h2", "h3"))


def shown_text(node: LexborNode) -> str:
    """The text of an element on one line; elements that break it leave a blank, inline ones none."""
    pieces: list[str] = []
    for child in node.traverse(include_text=True):
        if child.tag == "-text":
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


def _texts(tree: LexborHTMLParser) -> Iterator[tuple[LexborNode, str]]:
    """The page's visible texts with their parent element, in order."""
    if tree.body is None:
        return
    for count, node in enumerate(tree.body.traverse(include_text=True)):
        if count > NODES:
            return
        if node.tag != "-text" or not node.text_content or node.text_content.isspace():
            continue
        parent = node.parent
        if parent is not None and parent.tag not in _SILENT:
            yield parent, squeeze(node.text_content)
