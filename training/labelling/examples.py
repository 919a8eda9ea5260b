"""Pages as the network learns them: features, which blocks are body, and what each block counts."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.pageset import Page as Entry
from benchmarks.pageset import read_html, read_pages, words
from ingest.labellers.learned.features import features_of
from ingest.labellers.learned.network import Bag
from training.labelling.dumps import flat_page, html_page
from training.labelling.gold import body_blocks

HTML_STYLE = "html"


@dataclass(frozen=True, slots=True)
class Example:
    """A page in one style, of n blocks."""

    entry: Entry
    style: str
    numbers: npt.NDArray[np.float32]  # (n, features)
    bags: tuple[Bag, ...]
    target: npt.NDArray[np.float32]  # (n,) 1 where it is body, else 0; or the number of a reason
    sureness: npt.NDArray[np.float32]  # (n,) how much the label is to count
    words: npt.NDArray[np.float32]  # (n,) words of each block
    texts: tuple[str, ...] = field(repr=False, default=())


def example_of(folder: Path, style: str, entry: Entry) -> Example | None:
    """None where the page, in this style, has no text."""
    html = read_html(folder, entry)
    page = html_page(html) if style == HTML_STYLE else flat_page(html, entry.gold, style)
    if not page.spans:
        return None
    features = features_of(page)
    blocks = [words(span.text) for span in page.spans]
    optional = [words(paragraph) for paragraph in entry.optional]
    body, sureness = body_blocks(blocks, words(entry.gold), words(entry.title or ""), optional)
    return Example(
        entry,
        style,
        features.numbers,
        features.bags,
        np.array(body, np.float32),
        np.array(sureness, np.float32),
        np.array([len(block) for block in blocks], np.float32),
        tuple(span.text for span in page.spans),
    )


def examples_of(folder: Path, styles: tuple[str, ...], limit: int | None, processes: int) -> list[Example]:
    """All pages of a set in all styles; in the order of the set, whatever the number of processes."""
    entries = read_pages(folder, limit=limit)
    with ProcessPoolExecutor(processes) as pool:
        return [
            example
            for style in styles
            for example in pool.map(partial(example_of, folder, style), entries, chunksize=20)
            if example is not None
        ]
