"""Labels for the spans of a page: chooses the labeller by what the page is and by the setting."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ingest.labellers import Labeller
from ingest.labellers.dom import label_html
from ingest.labellers.flat import label_flat
from ingest.model import Label, Page, Site
from ingest.settings import Cleaning


def label(page: Page, site: Site | None, settings: Cleaning) -> Sequence[Label]:
    """One label for each span of the page, in order."""
    return _labeller_for(page, settings)(page, site)


def _labeller_for(page: Page, settings: Cleaning) -> Labeller:
    if page.html is None:
        return partial(label_flat, body_at=settings.flat_body_at, weights=settings.weights)
    return partial(
        label_html,
        body_at=settings.body_at,
        witness_from=settings.witness_from,
        witness_bytes=settings.witness_bytes,
        trust_witness=settings.labeller == "trafilatura",
        weights=settings.weights,
    )
