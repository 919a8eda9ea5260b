"""HTML to spans: one parse, one walk, one span for each block of visible text with its facts."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from ingest.markup.walk import visible_spans
from ingest.model import Page, PageFacts


def parse_html(html: str) -> LexborHTMLParser:
    """The tree of a page; its mark-up is to be bounded (`ingest.markup.guard`) if it comes from strangers."""
    return LexborHTMLParser(html)


def blocks_of_html(tree: LexborHTMLParser, html: str, facts: PageFacts) -> Page:
    """The page of an HTML document: its visible text, one block a line (see `visible_spans`)."""
    root = tree.body or tree.root
    if root is None:
        return Page(text="", spans=(), facts=facts, html=html)
    seen = visible_spans(root)
    return Page(text=seen.text, spans=seen.spans, facts=facts, html=html, parents=seen.parents)
