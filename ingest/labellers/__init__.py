"""Who says what a span is.  A labeller takes a page and gives one label for each of its spans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ingest.model import Label, Page, Site


class Labeller(Protocol):
    """The narrow interface: pure, deterministic, one label a span, in the spans' order."""

    def __call__(self, page: Page, site: Site | None) -> Sequence[Label]: ...
