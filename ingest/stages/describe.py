"""One story's typed fields from its labels: title, standfirst, date, authors, captions.

Only says what each span finally is and what the fields hold; articles and removals are built
from that by the pipeline.  Null rather than a guess.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingest.metadata.lines import named_below_labels, settle_bylines, settle_dates
from ingest.model import Label, PageFacts, Span, Story
from ingest.vocabulary.wordlists import word_set
from ingest.vocabulary.words import fold, words

TEXT_KINDS = frozenset(("paragraph", "heading", "standfirst"))
# A standfirst says again what the first paragraph says: this share of its longer words stands there.
RETOLD_SHARE = 0.5
STANDFIRST_WORDS = range(6, 61)
# A subtitle without a full stop has at least this many words; shorter lines are kickers.
SUBTITLE_WORDS = 6
TITLE_WORDS = 3  # fewer may stand in any line
LEAD = 5  # paragraphs whose words a title must share
HEADER_REASONS = frozenset(("reading-time", "share-buttons", "repeated"))
_STANDFIRST_TOKENS = word_set(
    """standfirst lead lede lead-in intro introduction dek deck subtitle subheadline subhead subheading
    teaser summary excerpt description chapo vorspann abstract entradilla"""
)


def describe(spans: Sequence[Span], labels: Sequence[Label], facts: PageFacts, *, opens_dump: bool) -> Story:
    """The story of these spans.

    `facts` are the page's and so the primary story's; pass empty ones for a trailing story.
    Spared in `text`: every paragraph, standfirst and sub-heading, in order.
    """
    final = list(labels)
    named = named_below_labels(spans, final)
    title = _settle_title(spans, final, facts, opens_dump)
    _settle_standfirst(spans, final)
    _drop_dangling_headings(final)
    published = settle_dates(spans, final, facts, opens_dump=opens_dump)
    authors = settle_bylines(spans, final, facts, named)
    captions = _settle_captions(spans, final)
    kept = [(span, label) for span, label in zip(spans, final, strict=True) if label.kind in TEXT_KINDS]
    standfirst = next((span.text for span, label in kept if label.kind == "standfirst"), None)
    return Story(
        labels=tuple(final),
        title=title,
        standfirst=standfirst,
        published=published,
        authors=authors,
        captions=captions,
        text="\n\n".join(span.text for span, _ in kept),
        words=sum(len(words(span.text)) for span, label in kept if label.kind != "heading"),
    )


def _first(labels: Sequence[Label], *kinds: str) -> int:
    """Index of the first span of these kinds; the number of spans where there is none."""
    return next((i for i, label in enumerate(labels) if label.kind in kinds), len(labels))


def _settle_title(
    spans: Sequence[Span], labels: list[Label], facts: PageFacts, opens_dump: bool
) -> str | None:
    """Chooses the headline among the lines over the first paragraph; what stands over it is the site's."""
    chosen = _first(labels, "title")
    if chosen == len(labels):
        body = _first(labels, "paragraph")
        candidates = [i for i in range(body) if labels[i].kind == "heading"]
        if spans and spans[0].dom is not None:
            # HTML says its headlines itself; a first sub-heading is not one.
            candidates = [] if opens_dump else candidates[:1]
        if not candidates:
            return facts.title
        chosen = _headline(candidates, spans, labels)
        labels[chosen] = Label("title", rule="headline", score=labels[chosen].score)
        _settle_lines_around(chosen, body, candidates, spans, labels, opens_dump)
    for i in range(chosen + 1, len(labels)):
        if labels[i].kind == "title":  # it could have opened a further story, and none was cut off there
            labels[i] = Label("boilerplate", "related-links", "further-title", 0.6)
    return facts.title or spans[chosen].text


def _headline(candidates: Sequence[int], spans: Sequence[Span], labels: Sequence[Label]) -> int:
    """The line that shares most words with the story's beginning; the first of equals.

    A site's banner is a name that the story hardly says; its headline is made of the story's words.
    A line that ends in a later one is that with the way to it run together ("HomeNewsThe bridge is closed").
    """
    lead = [span.text for span, label in zip(spans, labels, strict=True) if label.kind == "paragraph"][:LEAD]
    said = set(words(fold(" ".join(lead))))
    again = {fold(span.text) for span, label in zip(spans, labels, strict=True) if label.reason == "repeated"}

    def weight(i: int) -> int:
        folded = fold(spans[i].text)
        return sum(len(w) > 3 and w in said for w in set(words(folded))) + 3 * (folded in again)

    best = max(candidates, key=lambda i: (weight(i), -i))
    said_whole = fold(spans[best].text)
    inside = (
        i
        for i in candidates
        if i > best and len(words(text := fold(spans[i].text))) >= TITLE_WORDS and text in said_whole
    )
    return next(inside, best)


def _settle_lines_around(
    title: int,
    body: int,
    candidates: Sequence[int],
    spans: Sequence[Span],
    labels: list[Label],
    opens_dump: bool,
) -> None:
    for i in candidates:
        if i < title:
            reason = "site-banner" if opens_dump and i == candidates[0] else "navigation"
            labels[i] = Label("boilerplate", reason, "over-the-headline", 0.6)
        elif title < i < body - 1 or (title < i and len(words(spans[i].text)) >= SUBTITLE_WORDS):
            long = len(words(spans[i].text)) >= SUBTITLE_WORDS
            labels[i] = (
                Label("standfirst", rule="subtitle", score=0.6)
                if long
                else Label("boilerplate", "other", "kicker", 0.5)
            )


def _settle_standfirst(spans: Sequence[Span], labels: list[Label]) -> None:
    """The first paragraph, where the mark-up says so, the header goes on below it, or the second tells it again."""
    if any(label.kind == "standfirst" for label in labels):
        return
    texts = [i for i, label in enumerate(labels) if label.kind == "paragraph"][:2]
    if len(texts) < 2:
        return
    first, second = texts
    said = words(fold(spans[first].text))
    if len(said) not in STANDFIRST_WORDS:
        return
    dom = spans[first].dom
    marked = dom is not None and bool(dom.tokens & _STANDFIRST_TOKENS)
    between = labels[first + 1 : second]
    inside_header = _first(labels, "title") < first and any(
        label.kind in ("date", "byline", "caption") or label.reason in HEADER_REASONS for label in between
    )
    if marked or (dom is None and (inside_header or _retold(said, words(fold(spans[second].text))))):
        labels[first] = labels[first]._replace(kind="standfirst", rule="standfirst")


def _retold(said: Sequence[str], again: Sequence[str]) -> bool:
    wanted = {w for w in said if len(w) > 3}
    return len(wanted) >= 5 and len(wanted & set(again)) >= RETOLD_SHARE * len(wanted)


def _drop_dangling_headings(labels: list[Label]) -> None:
    """Headings behind the last paragraph head nothing."""
    last = max((i for i, label in enumerate(labels) if label.kind in ("paragraph", "standfirst")), default=-1)
    for i in range(last + 1, len(labels)):
        if labels[i].kind == "heading":
            labels[i] = Label("boilerplate", "related-links", "heading-over-nothing", 0.6)


def _settle_captions(spans: Sequence[Span], labels: list[Label]) -> tuple[str, ...]:
    """Captions in order, each once."""
    said: dict[str, str] = {}
    for i, label in enumerate(labels):
        if label.kind == "caption":
            folded = fold(spans[i].text)
            if folded in said:
                labels[i] = Label("boilerplate", "repeated", "seen-above")
            else:
                said[folded] = spans[i].text
    return tuple(said.values())
