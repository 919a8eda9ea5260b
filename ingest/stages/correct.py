"""People's word on spans and stories, over that of any labeller and splitter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.labellers.lines import line_of
from ingest.model import Correction, Label, Page, Site

RULE, SITE_RULE = "correction", "site-correction"


def correct(
    page: Page, labels: Sequence[Label], corrections: Sequence[Correction], site: Site | None
) -> Sequence[Label]:
    """The labels with what was said of these very spans, and of lines that this site's pages are to keep.

    Of two corrections of one span the last holds; one of a span that the page does not have changes nothing.
    """
    said = {(c.start, c.end): label for c in corrections if (label := _label_of(c))}
    restored = site.restored if site is not None else frozenset[str]()
    if not said and not restored:
        return labels
    final = list(labels)
    for i, span in enumerate(page.spans):
        if label_said := said.get((span.start, span.end)):
            final[i] = label_said
        elif restored and labels[i].kind == "boilerplate" and line_of(span.text).folded in restored:
            final[i] = Label("paragraph", rule=SITE_RULE)
    return final


def _label_of(correction: Correction) -> Label | None:
    """None for a word on stories."""
    if correction.kind == "opens-story" or correction.kind == "continues-story":
        return None
    return Label(correction.kind, correction.reason, RULE)


@dataclass(frozen=True, slots=True)
class StoryWord:
    """What a person said of one gap between two paragraphs: a further story opens at span `opens`, or None does."""

    gap: range  # spans: behind the paragraph before, up to the next one
    opens: int | None


def story_words(page: Page, labels: Sequence[Label], corrections: Sequence[Correction]) -> list[StoryWord]:
    """What was said of stories, in the order in which it was said; of spans that the page does not have, nothing.

    A gap holds a header, and so one boundary at most: a word on any of its spans is one on the gap, wherever in it
    the splitter finds the boundary today.
    """
    cuts = [correction for correction in corrections if _label_of(correction) is None]
    if not cuts:
        return []
    numbers = {(span.start, span.end): i for i, span in enumerate(page.spans)}
    texts = [i for i, label in enumerate(labels) if label.kind in ("paragraph", "standfirst")]
    found = []
    for cut in cuts:
        i = numbers.get((cut.start, cut.end))
        if i:  # nothing stands before the first
            before = max((n for n in texts if n < i), default=-1)
            behind = next((n for n in texts if n >= i), len(labels) - 1)
            gap = range(before + 1, behind + 1)
            found.append(StoryWord(gap, i if cut.kind == "opens-story" else None))
    return found
