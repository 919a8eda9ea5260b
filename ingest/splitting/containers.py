"""Where the mark-up of an HTML page lets a further story open."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.model import Label, Page
from ingest.splitting.features import TEXT_KINDS
from ingest.vocabulary.wordlists import word_set

MINIMUM_PARAGRAPHS = 2  # of a container that holds a story
MAXIMUM_CONTAINERS = 6  # of a page; more are entries of one thing
HEADER = 12  # spans at its beginning in which its headline stands
_HEADINGS = frozenset(("h1", "h2", "h3"))
# Pages whose containers are entries of one thing.
_ENTRIES = word_set(
    "comment comments reply forum thread post-comment liveblog live-blog live timeline review reviews"
)


def openings(page: Page, labels: Sequence[Label]) -> dict[int, str] | None:
    """The spans behind the first text that may open one, and why; None for flat text, where any may.

    An h1, or the headline of an `article` element with paragraphs of its own, behind others: sub-headings of long
    pages look like headlines otherwise.  Many such elements are a listing or a live blog.
    """
    if page.html is None:
        return None
    first = next((i for i, label in enumerate(labels) if label.kind in TEXT_KINDS), len(labels))
    found = {
        i: "an h1 of its own"
        for i, span in enumerate(page.spans)
        if i > first and span.dom and span.dom.tag == "h1"
    }
    containers = _articles(page, labels)
    if len(containers) <= MAXIMUM_CONTAINERS:
        for spans in containers[1:]:
            head = spans[:HEADER]
            heading = next((i for i in head if (dom := page.spans[i].dom) and dom.tag in _HEADINGS), None)
            if heading is not None:
                found.setdefault(heading, "an article element of its own")
    return found


def _articles(page: Page, labels: Sequence[Label]) -> list[list[int]]:
    """The spans of each outermost `article` element that holds paragraphs enough, in order."""
    holds: dict[int, list[int]] = {}
    depths = {0: 0}
    for i, span in enumerate(page.spans):
        dom = span.dom
        if dom is None or "article" not in dom.path or dom.tokens & _ENTRIES:
            continue
        element = dom.element
        for _ in range(_depth(element, page.parents, depths) - dom.path.index("article")):
            element = page.parents[element]
        holds.setdefault(element, []).append(i)
    return [
        spans
        for spans in holds.values()
        if sum(labels[i].kind in TEXT_KINDS for i in spans) >= MINIMUM_PARAGRAPHS
    ]


def _depth(element: int, parents: Sequence[int], known: dict[int, int]) -> int:
    """How many elements are around it."""
    way = []
    while element not in known:
        way.append(element)
        element = parents[element]
    for inner in reversed(way):
        known[inner] = known[element] + 1
        element = inner
    return known[element]
