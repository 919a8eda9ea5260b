"""Labels for HTML: what is certain, the network's scores, a witness where they leave doubt, and the mark-up's reasons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ingest.labellers.certain import REPEAT_WORDS, certain_labels
from ingest.labellers.learned.features import features_of
from ingest.labellers.learned.scores import body_scores
from ingest.labellers.learned.text import Floats
from ingest.labellers.lines import Line, line_of
from ingest.labellers.witness import kept_by, witness_text
from ingest.model import DomFacts, Kind, Label, Page, Site, Span
from ingest.vocabulary.captions import CAPTION_WORDS
from ingest.vocabulary.words import fold, words

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# Of so few blocks the network has nothing to see around them, and never saw a page of so few.
FEW = 2
WITNESS_WEIGHT = 0.3  # of the witness's word against the score, where it is asked
_SAME_TITLE = 0.7  # shared words of a heading and the page's title, of all their words

# What the words of class and id values say about a span, most telling first.
_REASONS: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (reason, frozenset(tokens.split()))
    for reason, tokens in (
        ("cookie-notice", "cookie cookies consent gdpr cmp ccpa onetrust cookiebar"),
        ("comments", "comment comments commentlist disqus respond reply replies discussion kommentar kommentare livefyre"),
        ("newsletter", "newsletter newsletters signup subscribe subscription mailing paywall"),
        ("share-buttons", "share sharing shares sharebar social socials addthis addtoany sharedaddy"),
        ("advertisement", "ad ads advert advertisement advertising adsense sponsor sponsored promo promoted promotion dfp outbrain taboola anzeige"),
        ("related-links", "related recommended recommendations recirc recirculation trending popular teaser teasers mostread similar upnext readmore latest tags tag topics"),
        ("navigation", "nav navbar navigation menu menus breadcrumb breadcrumbs footer header masthead sidebar toolbar pagination pager topbar banner search skip login widget"),
    )
)  # fmt: skip
_NAVIGATION_TAGS = frozenset(
    ("nav", "header", "footer", "aside", "form", "button", "select", "option", "menu", "label")
)
_COPY_TOKENS = frozenset().union(
    *(tokens for reason, tokens in _REASONS if reason in ("comments", "related-links"))
)
# Items of lists and tables are seldom captions or datelines.
_ITEMS = frozenset(("li", "dd", "dt", "tr", "td", "th"))
_REPEATED = Label("boilerplate", "repeated", "seen-above")


def label_html(
    page: Page,
    site: Site | None = None,
    *,
    body_at: float,
    witness_from: float,
    witness_bytes: int,
    trust_witness: bool = False,
    weights: Path | None = None,
) -> Sequence[Label]:
    """One label for each span of an HTML page (see `ingest.labellers.Labeller`).

    `body_at`: from this score on a span is body.  `witness_from`: from this doubt on (see `doubt_of`) the witness
    is asked, on pages with at most `witness_bytes` of mark-up.  `trust_witness`: body is what trafilatura keeps,
    whatever our rules say.  `weights`: see `body_scores`.
    """
    lines = [line_of(span.text) for span in page.spans]
    scores = _with_witness(
        body_scores(features_of(page), weights),
        page,
        lines,
        witness_from=witness_from,
        witness_bytes=witness_bytes,
        trust_witness=trust_witness,
    )
    kept = [bool(score >= body_at) for score in scores]
    if len(lines) <= FEW:
        kept = [
            k or (line.prose and _stands_free(span))
            for k, line, span in zip(kept, lines, page.spans, strict=True)
        ]
    certain: list[Label | None] = [None] * len(lines)
    if not trust_witness:
        certain = certain_labels(page, lines, site)
        for i in _seen_above(kept, lines):
            kept[i], certain[i] = False, _REPEATED
    title = _title_span(page, lines)
    story = _extent(kept)
    return [
        _label(span, line, float(scores[i]), kept[i], certain[i], i == title, i in story)
        for i, (span, line) in enumerate(zip(page.spans, lines, strict=True))
    ]


def _stands_free(span: Span) -> bool:
    """Whether a span is shown, and no link."""
    dom = _facts_of(span)
    return not dom.hidden and dom.link_share < 0.5


def _seen_above(kept: Sequence[bool], lines: Sequence[Line]) -> list[int]:
    """What stands kept above it already: many pages print their story twice, for two kinds of screens."""
    seen: set[str] = set()
    again = []
    for i, line in enumerate(lines):
        if kept[i] and line.words >= REPEAT_WORDS:
            if line.folded in seen:
                again.append(i)
            seen.add(line.folded)
    return again


def _with_witness(
    scores: Floats,
    page: Page,
    lines: Sequence[Line],
    *,
    witness_from: float,
    witness_bytes: int,
    trust_witness: bool,
) -> Floats:
    sizes = np.array([line.words for line in lines], np.float32)
    is_asked = trust_witness or doubt_of(scores, sizes) >= witness_from
    if (
        is_asked
        and page.html is not None
        and len(page.html) <= witness_bytes
        and (said := witness_text(page.html, thorough=trust_witness))
    ):
        kept = kept_by(said, lines, [_doubtful(_facts_of(span)) for span in page.spans])
        testimony = np.array(kept, np.float32)
        scores = testimony if trust_witness else (1 - WITNESS_WEIGHT) * scores + WITNESS_WEIGHT * testimony
    return scores


def doubt_of(scores: Floats, sizes: Floats) -> float:
    """The share of wrong words among those kept that scores of blocks with so many words let expect."""
    kept = float((scores * sizes).sum())
    return float((np.minimum(scores, 1 - scores) * sizes).sum()) / max(1.0, kept)


def _label(
    span: Span, line: Line, score: float, kept: bool, certain: Label | None, title: bool, inside: bool
) -> Label:
    dom = _facts_of(span)
    if title:
        return Label("title", rule="page-title")
    if (
        certain is not None
        and certain.kind == "boilerplate"
        and not (kept and (dom.tag in _HEADINGS or dom.tag in _ITEMS))
    ):
        return certain
    if not line.folded:
        return Label("boilerplate", "layout", "no-letters")
    if (inside or kept) and line.words <= CAPTION_WORDS and "figcaption" in dom.path[-4:]:
        return Label("caption", rule="figcaption")
    if certain is not None and certain.kind != "boilerplate" and (inside or kept) and dom.tag not in _ITEMS:
        return certain
    if kept:
        kind: Kind = "heading" if dom.tag in _HEADINGS else "paragraph"
        return Label(kind, rule="labeller", score=round(score, 3))
    return _reason(dom, line, round(1 - score, 3))


def _facts_of(span: Span) -> DomFacts:
    if span.dom is None:
        raise TypeError("label_html takes pages of the HTML reader, whose spans carry their mark-up's facts")
    return span.dom


def _reason(dom: DomFacts, line: Line, score: float) -> Label:
    """Why a span that is no body, with this score, is furniture, as far as the mark-up tells: the nearest first."""
    for around in (dom.near, dom.tokens):
        for reason, tokens in _REASONS:
            if found := around & tokens:
                return Label("boilerplate", reason, f"class-{min(found)}", score)
    if dom.tag in _NAVIGATION_TAGS or any(tag in _NAVIGATION_TAGS for tag in dom.path):
        return Label("boilerplate", "navigation", "element", score)
    if dom.link_share > 0.5:
        return Label("boilerplate", "related-links" if line.title_like else "navigation", "link-share", score)
    return Label("boilerplate", "other", "not-body", score)


def _doubtful(dom: DomFacts) -> bool:
    """Whether of two equal spans this one is more likely the copy."""
    return dom.hidden or dom.link_share > 0.5 or bool(dom.tokens & _COPY_TOKENS)


def _title_span(page: Page, lines: Sequence[Line]) -> int | None:
    """The span that shows the page's title: the h1 that says it, else the first line that does, else the only h1."""
    wanted = set(words(fold(page.facts.title or "")))
    headings = [
        i
        for i, span in enumerate(page.spans)
        if span.dom is not None and span.dom.tag == "h1" and lines[i].letters
    ]
    if not wanted:
        return headings[0] if len(headings) == 1 else None
    others = [
        i
        for i, span in enumerate(page.spans)
        if span.dom is not None and span.dom.tag in _HEADINGS and i not in headings
    ]
    for i in headings + others:
        have = set(words(lines[i].folded))
        if have and len(have & wanted) >= _SAME_TITLE * len(have | wanted):
            return i
    return None


def _extent(kept: Sequence[bool]) -> range:
    """From the first kept span to the last."""
    found = [i for i, k in enumerate(kept) if k]
    return range(found[0], found[-1] + 1) if found else range(0)
