"""Pages as lines of flat text, with what their mark-up says of why a line is furniture."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.pageset import Page as Entry
from benchmarks.pageset import read_html, read_pages, words
from ingest.labellers.learned.features import features_of
from ingest.labellers.learned.scores import REASONS
from ingest.settings import Cleaning
from ingest.stages.blocks_text import blocks_of_text
from ingest.stages.label import label
from training.labelling.dumps import html_page
from training.labelling.examples import Example

_NUMBER = {reason: number for number, reason in enumerate(REASONS)}
_NO_WITNESS = Cleaning(witness_from=9)  # it says what is body, not why something is none


def reason_examples(folder: Path, limit: int | None, processes: int) -> list[Example]:
    """All pages of a set, in its order."""
    with ProcessPoolExecutor(processes) as pool:
        pages = pool.map(partial(_example_of, folder), read_pages(folder, limit=limit), chunksize=20)
        return [example for example in pages if example is not None]


def _example_of(folder: Path, entry: Entry) -> Example | None:
    """None where the page has no text.  Lines that are no furniture by the mark-up count nothing."""
    marked = html_page(read_html(folder, entry))
    page = blocks_of_text(marked.text)
    if not page.spans:
        return None
    reasons = {
        span.start: _NUMBER[said.reason]
        for span, said in zip(marked.spans, label(marked, None, _NO_WITNESS), strict=True)
        if said.reason in _NUMBER
    }
    told = [reasons.get(span.start) for span in page.spans]
    features = features_of(page)
    return Example(
        entry,
        "lines",
        features.numbers,
        features.bags,
        np.array([number or 0 for number in told], np.float32),
        np.array([float(number is not None) for number in told], np.float32),
        np.array([len(words(span.text)) for span in page.spans], np.float32),
    )
