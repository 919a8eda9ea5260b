"""One walk over a parsed page: a span for each block of visible text, with its facts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from selectolax.lexbor import LexborNode

from ingest.model import DomFacts, Span
from ingest.vocabulary.wordlists import word_set
from ingest.vocabulary.words import squeeze

_BLOCKS = word_set(
    """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset
    figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html iframe legend li main
    menu nav noscript ol optgroup option p pre search section select summary table tbody td tfoot th
    thead tr ul button br"""
)
_INVISIBLE = word_set(
    """head script style template svg iframe object embed audio video canvas datalist noframes applet math
    textarea"""
)
_CELLS = frozenset(("td", "th"))
_ATTRIBUTES = ("class", "id", "role", "itemprop", "data-component", "data-testid")
_NAMING = frozenset(_ATTRIBUTES)
_TOKEN = re.compile(r"[a-z]+|[A-Z][a-z]*|[A-Z]+(?![a-z])")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)

_NONE: frozenset[str] = frozenset()

# A table row whose cells hold no blocks and at most this many characters is one span.
ROW_CHARACTERS = 300


@dataclass(slots=True)
class _Frame:
    """An open element on the way from the root."""

    tag: str
    parent: _Frame | None
    tokens: frozenset[str]  # its own and its ancestors'
    hidden: bool
    link: bool
    number: int  # in document order
    own: frozenset[str] = _NONE
    _path: tuple[str, ...] | None = None

    @property
    def path(self) -> tuple[str, ...]:
        if self._path is None:  # worked out without recursion: elements nest deeper than calls may
            names = [self.tag]
            above = self.parent
            while above is not None and above._path is None:
                names.append(above.tag)
                above = above.parent
            self._path = (*(above.path if above else ()), *reversed(names))
        return self._path


@dataclass(slots=True)
class _Writer:
    """Collects text until a block ends, then writes it out as one span of the page text."""

    pieces: list[str] = field(default_factory=list)
    linked: int = 0
    spans: list[Span] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, text: str, link: bool) -> None:
        self.pieces.append(text)
        if link:
            self.linked += len(text) - text.count(" ")

    def end_block(self, frame: _Frame) -> None:
        visible = " ".join("".join(self.pieces).split())
        linked, self.linked = self.linked, 0
        self.pieces.clear()
        if not visible:
            return
        block = frame
        while block.tag not in _BLOCKS and block.parent:
            block = block.parent
        facts = DomFacts(
            tag=block.tag,
            path=frame.path,
            tokens=frame.tokens,
            link_share=min(1.0, linked / max(1, len(visible) - visible.count(" "))),
            hidden=frame.hidden,
            near=_near(block),
            element=block.number,
        )
        self.spans.append(Span(self.length, self.length + len(visible), squeeze(visible), facts))
        self.written.append(visible)  # the page text keeps zero-width and control characters
        self.length += len(visible) + 1


@dataclass(frozen=True, slots=True)
class Visible:
    """What a reader of a page sees."""

    text: str
    spans: tuple[Span, ...]
    parents: tuple[int, ...]  # for each element, in document order, the number of the one around it


def visible_spans(root: LexborNode) -> Visible:
    """The visible text below an element, one block a line, its spans, and how its elements nest.

    Spared: hidden elements and what is there for browsers without scripts (both marked hidden),
    since some pages keep their story there.
    Left out: scripts, styles, embedded media and their fallbacks, what a form field holds.
    """
    writer = _Writer()
    parents = _walk(root, writer)
    return Visible("\n".join(writer.written), tuple(writer.spans), tuple(parents))


def _walk(root: LexborNode, writer: _Writer) -> list[int]:
    """Depth first without recursion, so that no page can exhaust the stack.  -> the elements' parents."""
    top = frame = _Frame("html", None, _NONE, False, False, 0)
    parents = [0]
    simple_row: _Frame | None = None  # while inside one, cells are parts of its span
    following: list[LexborNode | None] = []  # for each open element, what comes behind it
    node: LexborNode | None = root
    while node is not None or frame is not top:
        if node is None:
            node = following.pop()
            tag = frame.tag
            if simple_row is not None and tag in _CELLS:
                writer.add("\t", link=False)
            elif writer.pieces and tag in _BLOCKS:
                writer.end_block(frame)
            if frame is simple_row:
                simple_row = None
            frame = frame.parent or top
        elif (tag := node.tag or "") == "-text":
            text = node.text_content or ""
            if writer.pieces or frame.link or not text.isspace():
                writer.add(text, frame.link)
            node = node.next
        elif not tag or tag[0] in "-_!" or tag in _INVISIBLE:
            node = node.next
        else:
            if writer.pieces and tag in _BLOCKS and not (simple_row is not None and tag in _CELLS):
                writer.end_block(frame)
            parents.append(frame.number)
            frame = _open(node, tag, frame, len(parents) - 1)
            if tag == "tr" and simple_row is None and _is_simple_row(node):
                simple_row = frame
            following.append(node.next if node is not root else None)
            node = node.child
    writer.end_block(frame)
    return parents


def _near(block: _Frame) -> frozenset[str]:
    """Words of the class and id values of an element and the two around it."""
    above = block.parent
    if above is None:
        return block.own
    further = above.parent
    return block.own | above.own | (further.own if further is not None else _NONE)


def _open(node: LexborNode, tag: str, parent: _Frame, number: int) -> _Frame:
    link = parent.link or tag == "a"
    hidden = parent.hidden or tag == "noscript"
    attributes = node.attributes
    if not attributes:
        return _Frame(tag, parent, parent.tokens, hidden, link, number)
    named = ""
    if not _NAMING.isdisjoint(attributes):
        named = " ".join([value for name in _ATTRIBUTES if (value := attributes.get(name))])[:500]
    tokens = _tokens_of(named) if named else _NONE
    hidden = (
        hidden
        or "hidden" in attributes
        or (tag == "dialog" and "open" not in attributes)
        or bool((style := attributes.get("style")) and _HIDDEN.search(style))
    )
    known = parent.tokens
    return _Frame(tag, parent, known if tokens <= known else known | tokens, hidden, link, number, tokens)


@lru_cache(maxsize=20_000)
def _tokens_of(names: str) -> frozenset[str]:
    """Words of class and id values: "relatedArticles__item--2" gives related, articles, item."""
    return frozenset([token.lower() for token in _TOKEN.findall(names) if len(token) > 1])


def _is_simple_row(row: LexborNode) -> bool:
    """A data row: cells with short inline text only.  Layout tables hold blocks in their cells."""
    size = 0
    cell = row.child
    while cell is not None:
        inner = cell.child
        while inner is not None:
            if inner.tag in _BLOCKS:
                return False
            size += len(inner.text_content or "") if inner.tag == "-text" else len(inner.text(deep=True))
            if size > ROW_CHARACTERS:
                return False
            inner = inner.next
        cell = cell.next
    return True
