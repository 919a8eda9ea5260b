"""JSON-LD blocks of a page, as flat lists of nodes.

Spared: nothing outside `script[type=application/ld+json]` is read.  Broken
JSON (comments, control characters in strings, CDATA and HTML comment wrappers,
trailing commas, a stray semicolon) is mended where that is certain; a block
that stays broken is skipped.  Blocks beyond `BLOCK` characters, nodes beyond
`NODES` and nesting beyond `DEPTH` are not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TypeAlias

from selectolax.lexbor import LexborHTMLParser

BLOCK = 2_000_000  # characters of one block
BLOCKS = 100
NODES = 2_000
DEPTH = 12  # levels of nesting in which nodes are looked for

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"
Node: TypeAlias = "dict[str, Value]"

_WRAPPER = re.compile(r"<!\[CDATA\[|\]\]>|<!--|-->")
_LEAD = re.compile(r"(?:\s|//|/\*|\*/)*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*|,(?=\s{0,200}[\]}])', re.DOTALL)


def _mended(text: str) -> str:
    """The block without wrappers, comments outside strings and trailing commas."""
    text = _WRAPPER.sub(" ", text)
    pieces: list[str] = []
    at = 0
    while match := _TOKEN.search(text, at):
        piece = match[0]
        pieces.append(text[at : match.start()])
        at = match.end()
        if piece.startswith('"'):
            pieces.append(piece)
        elif piece == "/*":
            close = text.find("*/", at)
            at = close + 2 if close >= 0 else len(text)
    pieces.append(text[at:])
    return "".join(pieces).strip().rstrip(";")


def _loaded(text: str) -> Value:
    lenient = json.JSONDecoder(strict=False)  # line breaks and tabs inside strings
    for attempt in (str.strip, _mended):
        source = attempt(text)
        try:
            # raw_decode: what follows the object (a second one, a stray bracket) does not cost the first
            value: Value = lenient.raw_decode(source, _LEAD.match(source).end())[0]  # type: ignore[union-attr]
        except (ValueError, RecursionError):  # ValueError also for integers of thousands of digits
            continue
        return value
    return None


def _nodes(value: Value) -> Iterator[Node]:
    """Every object below a value, the outer before the inner, in the order of the source."""
    stack: list[tuple[Value, int]] = [(value, 0)]
    while stack:
        item, depth = stack.pop()
        if depth > DEPTH:
            continue
        inner: list[Value] = []
        if isinstance(item, dict):
            yield item
            inner = list(item.values())
        elif isinstance(item, list):
            inner = item
        stack += [(child, depth + 1) for child in reversed(inner) if isinstance(child, dict | list)]


def nodes_of(tree: LexborHTMLParser) -> list[Node]:
    """All objects of all blocks, in the order of the page, at most `NODES`."""
    nodes: list[Node] = []
    for script in tree.css('script[type*="ld+json" i]')[:BLOCKS]:
        text = script.text()
        if len(text) > BLOCK:
            continue
        for node in _nodes(_loaded(text)):
            nodes.append(node)
            if len(nodes) >= NODES:
                return nodes
    return nodes


def types_of(node: Node) -> frozenset[str]:
    """Names of a node's types without their vocabulary: {"NewsArticle"}."""
    value = node.get("@type")
    names = value if isinstance(value, list) else [value]
    return frozenset(name.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for name in names if isinstance(name, str))


def strings_of(value: Value, field: str = "name") -> list[str]:
    """The strings that a value stands for: itself, its items, or the `field` of the objects in it."""
    found: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            item = item.get(field) or item.get("@value")
            found += [part for part in item if isinstance(part, str)] if isinstance(item, list) else []
        if isinstance(item, str) and item.strip():
            found.append(item)
    return found
