"""The data of the pipeline: frozen, no behaviour beyond what its fields imply.

A cleaned dump is its page text plus labels on it.  Every offset counts code
points of the page text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, Literal, NamedTuple

Kind = Literal["title", "standfirst", "byline", "date", "caption", "heading", "paragraph", "boilerplate"]
Cut = Literal["opens-story", "continues-story"]  # what a person may say of a span, beside its kind
Role = Literal["primary", "trailing"]
Status = Literal["unique", "exact-copy", "near-copy"]
# How a copy copies: word for word; alike as wholes; one text, much the shorter, is nearly whole in the other.
CopyKind = Literal["exact", "near", "contained"]
State = Literal["received", "queued", "cleaning", "done", "dead"]

REASONS = (
    "captcha",
    "comment-form",
    "comments",
    "navigation",
    "site-banner",
    "related-links",
    "advertisement",
    "newsletter",
    "cookie-notice",
    "share-buttons",
    "reading-time",
    "editorial-code",
    "image-control",
    "repeated",
    "copyright",
    "layout",
    "metadata",  # a date, byline or label line whose content no field of the article holds
    "other",
)


class Plain:
    """What goes from process to process: a dataclass with slots, sent as its fields in less than half the usual time."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), _fields_of(type(self))(self)  # type: ignore[arg-type]  # a class does for a key


@cache
def _fields_of(kind: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    names = kind.__slots__
    return attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)


@dataclass(frozen=True, slots=True)
class DomFacts:
    """What the mark-up says about a span; flat text has none."""

    tag: str  # nearest block element: "p", "li", "h2", "td", "figcaption" …
    path: tuple[str, ...]  # names of the enclosing elements, outermost first
    tokens: frozenset[str]  # words of the class, id, role and itemprop values on the path
    link_share: float  # share of the characters that stand inside <a>, 0 … 1
    hidden: bool = False  # hidden by attribute or inline style
    near: frozenset[str] = (
        frozenset()
    )  # those of the tokens that the block element and the two around it have
    element: int = 0  # number of the block element in document order


class Span(NamedTuple):
    """A piece of the page text as the reader cut it: a line, a paragraph or a part of a line.

    A page has hundreds, each with its label: named tuples are made in a third of the time of frozen dataclasses.
    """

    start: int
    end: int
    text: str  # for people and matching: white space folded, left-over mark-up resolved
    dom: DomFacts | None = None


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What the dump says about itself outside its visible text (JSON-LD, Open Graph, meta)."""

    title: str | None = None
    published: str | None = None
    authors: tuple[str, ...] = ()
    description: str | None = None
    site_name: str | None = None
    language: str | None = None
    url: str | None = None
    body: str | None = None  # the article's text as the page gives it to search engines


@dataclass(frozen=True, slots=True)
class Page:
    """The reader's view of a dump."""

    text: str
    spans: tuple[Span, ...]
    facts: PageFacts = PageFacts()
    html: str | None = None  # the decoded source, for a witness; None for flat text
    parents: tuple[int, ...] = ()  # for each element of the mark-up the number of the one around it


@dataclass(frozen=True, slots=True)
class Site(Plain):
    """What is known of a source's furniture: folded lines that its pages repeat."""

    furniture: frozenset[str] = frozenset()
    restored: frozenset[str] = frozenset()  # such lines as a person wants kept, whatever else removes them


@dataclass(frozen=True, slots=True)
class Correction(Plain):
    """A person's word on one span of a page: what it is, or whether a further story opens there."""

    start: int  # code points of the page text, as the end
    end: int
    kind: Kind | Cut
    reason: str | None = None  # of boilerplate


class Label(NamedTuple):
    """What a span is, and who says so.  `reason` is set for boilerplate only."""

    kind: Kind
    reason: str | None = None
    rule: str = ""
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Story:
    """The fields of one story and the final label of each of its spans."""

    labels: tuple[Label, ...]
    title: str | None
    standfirst: str | None
    published: str | None
    authors: tuple[str, ...]
    captions: tuple[str, ...]
    text: str
    words: int  # in paragraphs: what decides whether it is a story at all


@dataclass(frozen=True, slots=True)
class Block(Plain):
    """A kept span: it reached a field of its article."""

    start: int
    end: int
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Removal(Plain):
    """A span that reached no field of an article, with the reason."""

    start: int
    end: int
    text: str
    reason: str
    rule: str
    score: float


@dataclass(frozen=True, slots=True)
class Article(Plain):
    """One story of a dump."""

    document_id: str
    part: int  # 1-based
    parts: int
    role: Role
    title: str | None
    standfirst: str | None
    text: str  # paragraphs and sub-headings joined by one blank line
    authors: tuple[str, ...]
    captions: tuple[str, ...]
    published: str | None  # ISO 8601 date or date-time
    language: str | None  # ISO 639-1
    language_confidence: float
    url: str | None
    possible_mixed: float | None
    blocks: tuple[Block, ...]
    evidence: tuple[str, ...] = ()  # why a trailing story was cut here

    @property
    def start(self) -> int:
        """Where in the page text its first block begins."""
        return min((block.start for block in self.blocks), default=0)

    @property
    def end(self) -> int:
        """Where its last block ends."""
        return max((block.end for block in self.blocks), default=0)


@dataclass(frozen=True, slots=True)
class Cleaned(Plain):
    """The result for one dump: `articles`' blocks and `removals` together tile `text`."""

    dump_id: str
    text: str  # the page text
    articles: tuple[Article, ...]
    removals: tuple[Removal, ...]
    media_type: str
    encoding: str | None  # None where the payload came as str
    repairs: tuple[
        str, ...
    ] = ()  # what decoding mended: "mojibake", "nul", "surrogates", "undecodable-bytes"


@dataclass(frozen=True, slots=True)
class Dump(Plain):
    """What a reader found: one payload, byte for byte, and where it came from.

    `payload` is None where it could not be had; then `fault` says why.
    """

    dump_id: str
    payload: bytes | None
    name: str  # path or member name, for messages
    source: str | None = None
    url: str | None = None
    media_type: str | None = None
    size: int = 0
    fault: tuple[str, str] | None = None  # (reason, message) of an UnusableDump
    corrections: tuple[Correction, ...] = ()  # what people said of its spans
