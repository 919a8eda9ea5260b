"""Mixed files as the splitter's network learns them."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt

from benchmarks.mixes import Mix, mixes_of_fold
from benchmarks.pageset import fold_of, read_pages
from ingest.labellers.flat import label_flat
from ingest.labellers.learned.text import text_features
from ingest.model import Label, Page
from ingest.splitting.features import Gaps, gaps_of
from ingest.splitting.vocabulary import WordWeights, word_hashes
from ingest.stages.blocks_text import blocks_of_text

SITES = 3  # on which a word must stand to be known
# What the labeller keeps differs on sites that it was not fitted to; so thresholds around the one in force.
BODY_AT = (0.15, 0.15, 0.15, 0.05, 0.35)


@dataclass(frozen=True, slots=True)
class Read:
    """A mixed file as the pipeline gives it to the splitter."""

    mix: Mix
    page: Page
    labels: tuple[Label, ...]
    gaps: Gaps
    opens: npt.NDArray[np.bool_]  # (n,) the spans that open a further story
    fold: int


def word_weights(folder: Path, keep: Iterable[int], folds: int) -> WordWeights:
    """From the main texts of these folds: 1 for a word that is on one site, 0 for one that is on all."""
    kept = set(keep)
    seen: dict[str, set[int]] = {}
    for page in read_pages(folder):
        if fold_of(page.site, folds) in kept:
            lines = blocks_of_text(page.gold)
            words = text_features(lines.text, lines.spans).words
            seen.setdefault(page.site, set()).update(word_hashes(words)[0].tolist())
    hashes, sites = np.unique(np.fromiter(chain.from_iterable(seen.values()), np.uint32), return_counts=True)
    weights = np.log(len(seen) / sites) / np.log(len(seen))
    known = sites >= SITES
    return WordWeights(hashes[known], weights[known].astype(np.float16).astype(np.float32))


def read_mix(weights: WordWeights, fold: int, mix: Mix) -> Read | None:
    """None where it has no text, or a story opens where the reader has no span."""
    text = "\n".join(mix.lines)
    page = blocks_of_text(text)
    if not page.spans:
        return None
    labels = tuple(label_flat(page, body_at=Random(mix.id).choice(BODY_AT)))  # noqa: S311
    offsets = np.cumsum([0, *(len(line) + 1 for line in mix.lines)])
    starts = np.fromiter((span.start for span in page.spans), np.int64, len(page.spans))
    opens = np.isin(starts, offsets[list(mix.bounds)])
    if opens.sum() != len(mix.bounds):
        return None
    return Read(mix, page, labels, gaps_of(page, labels, weights), opens, fold)


def examples_of(
    folder: Path, folds: int, each: int, seed: int, weights: WordWeights, processes: int
) -> list[Read]:
    """The files of all folds, each fold's of its own sites alone; the same whatever the number of processes."""
    found = []
    with ProcessPoolExecutor(processes) as pool:
        made = pool.map(
            partial(mixes_of_fold, folder, folds=folds, each=each, seed=seed), range(folds), chunksize=1
        )
        for fold, mixes in enumerate(made):
            read = pool.map(partial(read_mix, weights, fold), mixes, chunksize=20)
            found += [example for example in read if example is not None]
    return found
