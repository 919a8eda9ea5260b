"""The stages in order: the only file that knows them all.

    payload ─ decode ─ blocks ─ label ─ split ─ describe ─ (deduplicate ─ store: ingest.run)

Everything here is a pure function of one dump: no I/O, no globals that change, the same answer
in any process.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence

from ingest.markup.guard import bounded_markup
from ingest.model import Article, Block, Cleaned, Label, Page, PageFacts, Removal, Site
from ingest.settings import Cleaning
from ingest.stages.blocks_html import blocks_of_html, parse_html
from ingest.stages.blocks_text import blocks_of_text
from ingest.stages.decode import HTML, Decoded, decode
from ingest.stages.describe import Story, describe
from ingest.stages.label import label
from ingest.stages.language import language_of
from ingest.stages.metadata import facts_of
from ingest.stages.split import Boundary, split_stories

# Part of a stored result's identity: dumps cleaned by another version are cleaned again.
VERSION = "1"

_DEFAULTS = Cleaning()


def clean(
    payload: bytes | str,
    *,
    media_type: str | None = None,
    url: str | None = None,
    source: str | None = None,
    site: Site | None = None,
    settings: Cleaning | None = None,
) -> Cleaned:
    """Clean one dump.

    `payload`: the dump, byte for byte, or already decoded.  `media_type`: as an HTTP header gives
    it; None to look at the payload.  `url`: where the page was; the primary article inherits it.
    `source`: the site, feed or folder it came from.  `site`: what is known of the source's
    furniture, if anything.

    Blocks of the articles and removals together tile the page text: every non-blank character is
    in exactly one of them.  A payload without a story gives no article and all of it as removals.

    Raises `ingest.errors.UnusableDump` for bytes that are no text at all (``binary``,
    ``undecodable``, ``unsupported``).
    """
    settings = settings or _DEFAULTS
    decoded = decode(payload, media_type)
    page = read_page(decoded, url)
    labels = label(page, site, settings)
    boundaries = split_stories(page, labels, settings.suspect_at)
    cuts = [b for b in boundaries if b.score >= settings.split_at]
    suspected = max((b.score for b in boundaries if b.score < settings.split_at), default=None)
    return _assemble(_dump_id(payload), url, decoded, page, labels, cuts, suspected)


def split(lines: Sequence[str], *, settings: Cleaning | None = None) -> list[int]:
    """Segmentation alone: indices of those of the `lines` that open a further story."""
    settings = settings or _DEFAULTS
    starts, offset = {}, 0
    single = [" ".join(line.split()) for line in lines]  # a line break inside a line would shift the numbers
    for number, line in enumerate(single):
        starts[offset] = number
        offset += len(line) + 1
    page = blocks_of_text("\n".join(single))
    boundaries = split_stories(page, label(page, None, settings), settings.split_at)
    return sorted(
        {starts[page.spans[b.index].start] for b in boundaries if page.spans[b.index].start in starts}
    )


def read_page(decoded: Decoded, url: str | None = None) -> Page:
    """The reader's view of a decoded dump."""
    if decoded.media_type != HTML:
        return blocks_of_text(decoded.text)
    html = bounded_markup(decoded.text)
    tree = parse_html(html)
    return blocks_of_html(tree, html, facts_of(tree, html, url=url))


def _dump_id(payload: bytes | str) -> str:
    data = payload if isinstance(payload, bytes) else payload.encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()


def document_id_of(dump_id: str, part: int) -> str:
    """Derived from its dump and place alone, so that doing the work again gives the same id."""
    return hashlib.sha256(f"{dump_id}:{part}".encode()).hexdigest()[:32]


# A story has at least this many words in its paragraphs (characters in scripts without blanks).
MINIMUM_WORDS = 10


def _assemble(
    dump_id: str,
    url: str | None,
    decoded: Decoded,
    page: Page,
    labels: Sequence[Label],
    cuts: Sequence[Boundary],
    suspected: float | None,
) -> Cleaned:
    """The one place where labels become articles and removals."""
    edges = [0, *(cut.index for cut in cuts), len(page.spans)]
    evidence = [(), *(cut.evidence for cut in cuts)]
    stories: list[tuple[int, Story, tuple[str, ...]]] = []
    removals: list[Removal] = []
    for n, (start, end) in enumerate(itertools.pairwise(edges)):
        facts = page.facts if n == 0 else PageFacts()
        story = describe(page.spans[start:end], labels[start:end], facts, opens_dump=n == 0)
        if story.words >= MINIMUM_WORDS:
            stories.append((start, story, evidence[n]))
        else:
            removals += _removals(page, start, tuple(_unused(label) for label in story.labels))
    articles = []
    for part, (start, story, why) in enumerate(stories, 1):
        articles.append(
            _article(
                dump_id,
                url or page.facts.url,
                page,
                start,
                story,
                part,
                len(stories),
                suspected if part == 1 else None,
                why,
            )
        )
        removals += _removals(page, start, story.labels)
    return Cleaned(
        dump_id=dump_id,
        text=page.text,
        articles=tuple(articles),
        removals=tuple(sorted(removals, key=lambda r: r.start)),
        media_type=decoded.media_type,
        encoding=decoded.encoding,
        repairs=decoded.repairs,
    )


def _unused(label: Label) -> Label:
    """The label of a span that would have been kept, had its story been one."""
    return label if label.kind == "boilerplate" else Label("boilerplate", "other", "no-story", 0.5)


def _removals(page: Page, start: int, labels: Sequence[Label]) -> list[Removal]:
    return [
        Removal(
            span.start,
            span.end,
            page.text[span.start : span.end],
            label.reason or "other",
            label.rule,
            label.score,
        )
        for span, label in zip(page.spans[start:], labels, strict=False)
        if label.kind == "boilerplate"
    ]


def _article(
    dump_id: str,
    url: str | None,
    page: Page,
    start: int,
    story: Story,
    part: int,
    parts: int,
    suspected: float | None,
    evidence: tuple[str, ...],
) -> Article:
    blocks = tuple(
        Block(span.start, span.end, label.kind, span.text)
        for span, label in zip(page.spans[start:], story.labels, strict=False)
        if label.kind != "boilerplate"
    )
    language, confidence = language_of(f"{story.title}\n{story.text}" if story.title else story.text)
    return Article(
        document_id=document_id_of(dump_id, part),
        part=part,
        parts=parts,
        role="primary" if part == 1 else "trailing",
        title=story.title,
        standfirst=story.standfirst,
        text=story.text,
        authors=story.authors,
        captions=story.captions,
        published=story.published,
        language=language,
        language_confidence=confidence,
        url=url if part == 1 else None,
        possible_mixed=suspected,
        blocks=blocks,
        evidence=evidence,
    )
