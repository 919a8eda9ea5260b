"""People's word on spans, over that of any labeller."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.labellers.lines import line_of
from ingest.model import Correction, Label, Page, Site

RULE, SITE_RULE = "correction", "site-correction"


def correct(
    page: Page, labels: Sequence[Label], corrections: Sequence[Correction], site: Site | None
) -> Sequence[Label]:
    """The labels with what was said of these very spans, and of lines that this site's pages are to keep.

    Of two corrections of one span the last holds; one of a span that the page does not have changes nothing.
    """
    said = {(correction.start, correction.end): correction for correction in corrections}
    restored = site.restored if site is not None else frozenset[str]()
    if not said and not restored:
        return labels
    final = list(labels)
    for i, span in enumerate(page.spans):
        if correction := said.get((span.start, span.end)):
            final[i] = Label(correction.kind, correction.reason, RULE)
        elif restored and labels[i].kind == "boilerplate" and line_of(span.text).folded in restored:
            final[i] = Label("paragraph", rule=SITE_RULE)
    return final
