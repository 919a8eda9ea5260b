"""The stages in order: the only file that knows them all.

    payload ─ decode ─ blocks ─ label ─ split ─ describe ─ (deduplicate ─ store: ingest.run)

Everything here is a pure function of one dump: no I/O, no globals that change, the same answer
in any process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest.markup.guard import bounded_markup
from ingest.model import Cleaned, Correction, Label, Page, PageFacts, Site
from ingest.settings import Cleaning
from ingest.stages.assemble import Placed, assemble
from ingest.stages.blocks_html import blocks_of_html, parse_html
from ingest.stages.blocks_text import blocks_of_text
from ingest.stages.correct import StoryWord, correct, story_words
from ingest.stages.decode import HTML, Decoded, decode
from ingest.stages.describe import describe
from ingest.stages.label import label
from ingest.stages.language import language_of
from ingest.stages.metadata import facts_of
from ingest.stages.split import Boundary, split_stories

_DEFAULTS = Cleaning()


def clean(
    payload: bytes | str,
    *,
    media_type: str | None = None,
    url: str | None = None,
    source: str | None = None,
    site: Site | None = None,
    settings: Cleaning | None = None,
    corrections: Sequence[Correction] = (),
) -> Cleaned:
    """Clean one dump.

    `payload`: the dump, byte for byte, or already decoded.  `media_type`: as an HTTP header gives
    it; None to look at the payload.  `url`: where the page was; the primary article inherits it.
    `source`: the site, feed or folder it came from.  `site`: what is known of the source's
    furniture, if anything.  `corrections`: people's word on spans and stories of this very dump.

    Blocks of the articles and removals together tile the page text: every non-blank character is
    in exactly one of them.  A payload without a story gives no article and all of it as removals.

    Raises `ingest.errors.UnusableDump` for bytes that are no text at all (``binary``,
    ``undecodable``, ``unsupported``).
    """
    settings = settings or _DEFAULTS
    decoded = decode(payload, media_type)
    page = read_page(decoded, url)
    labels = correct(page, label(page, site, settings), corrections, site)
    boundaries = split_stories(
        page,
        labels,
        split_at=settings.split_at,
        suspect_at=settings.suspect_at,
        weights=settings.weights,
    )
    boundaries = _overruled(boundaries, story_words(page, labels, corrections))
    cuts = [b for b in boundaries if b.score >= settings.split_at]
    suspected = max((b.score for b in boundaries if b.score < settings.split_at), default=None)
    dump_id = _dump_id(payload)
    articles, removals = assemble(
        dump_id, page, list(_stories(page, labels, cuts)), url=url or page.facts.url, suspected=suspected
    )
    return Cleaned(
        dump_id=dump_id,
        text=page.text,
        articles=articles,
        removals=removals,
        media_type=decoded.media_type,
        encoding=decoded.encoding,
        repairs=decoded.repairs,
    )


def split(lines: Sequence[str], *, settings: Cleaning | None = None) -> list[int]:
    """Segmentation alone: indices of those of the `lines` that open a further story."""
    settings = settings or _DEFAULTS
    starts, offset = {}, 0
    single = [" ".join(line.split()) for line in lines]  # a line break inside a line would shift the numbers
    for number, line in enumerate(single):
        starts[offset] = number
        offset += len(line) + 1
    page = blocks_of_text("\n".join(single))
    labels = label(page, None, settings)
    boundaries = split_stories(page, labels, split_at=settings.split_at, weights=settings.weights)
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


def _overruled(boundaries: Sequence[Boundary], said: Sequence[StoryWord]) -> list[Boundary]:
    """The boundaries as people have them; of several words on one gap the last holds."""
    final = list(boundaries)
    for word in said:
        final = [boundary for boundary in final if boundary.index not in word.gap]
        if word.opens is not None:
            final.append(Boundary(word.opens, 1.0, ("a person says so",)))
    return sorted(final, key=lambda boundary: boundary.index)


def _stories(page: Page, labels: Sequence[Label], cuts: Sequence[Boundary]) -> Iterator[Placed]:
    """The stories between the cuts, each described by itself; the page speaks for the first alone."""
    edges = [0, *(cut.index for cut in cuts), len(page.spans)]
    for n, (start, end) in enumerate(pairwise(edges)):
        facts = PageFacts() if n else page.facts
        story = describe(page.spans[start:end], labels[start:end], facts, opens_dump=not n)
        said = f"{story.title}\n{story.text}" if story.title else story.text
        yield Placed(start, story, language_of(said), cuts[n - 1].evidence if n else ())
