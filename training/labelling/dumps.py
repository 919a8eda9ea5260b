"""The pages that the networks learn from: HTML as it is read, and flat text in several styles of dumping."""

from __future__ import annotations

from collections import Counter

import lxml.html

from benchmarks.innertext import inner_text, text_of
from benchmarks.pageset import words
from ingest.model import Page
from ingest.pipeline import read_page
from ingest.stages.blocks_text import blocks_of_text
from ingest.stages.decode import HTML, Decoded

REGION_SHARE = 0.95  # of the gold's words: the smallest element that holds so many is the region
FLAT_STYLES = ("innertext", "region", "lines")


def html_page(html: str) -> Page:
    """A page as the HTML reader gives it."""
    return read_page(Decoded(html, HTML, "utf-8", ()))


def flat_page(html: str, gold: str, style: str) -> Page:
    """The same page as somebody's flat dump.

    `innertext`: about what a browser gives; `region`: that of the smallest element which holds the gold (a careful
    crawler's dump); `lines`: the HTML reader's blocks, one a line.
    """
    if style == "innertext":
        return blocks_of_text(inner_text(html))
    if style == "region":
        return blocks_of_text(region_text(html, gold))
    return blocks_of_text(html_page(html).text)


def region_text(html: str, gold: str) -> str:
    """The text of the smallest element that holds nearly all words of the gold."""
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    root = lxml.html.fromstring(html.encode("utf-8", "replace"), parser=parser)
    wanted = Counter(words(gold))
    need = REGION_SHARE * sum(wanted.values())
    best = root.find("body") if root.find("body") is not None else root
    going = need > 0 and _held(best, wanted) >= need
    while going:
        going = False
        for child in best:
            if isinstance(child.tag, str) and _held(child, wanted) >= need:
                best, going = child, True
                break
    return text_of(best)


def _held(element: lxml.html.HtmlElement, wanted: Counter[str]) -> int:
    silent = "ancestor::script or ancestor::style or ancestor::noscript or ancestor::template"
    have = Counter(words(" ".join(element.xpath(f".//text()[not({silent})]"))))
    return sum((have & wanted).values())
