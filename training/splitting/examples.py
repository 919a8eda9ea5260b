"""Mixed files as the splitter's networks learn them."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt

from benchmarks.mixes import Mix, mixes_of_fold
from ingest.labellers.flat import label_flat
from ingest.model import Label, Page
from ingest.splitting.features import Gaps, gaps_of
from ingest.splitting.vocabulary import Lexicon
from ingest.stages.blocks_text import blocks_of_text

# What the labeller keeps differs on sites that it was not fitted to; so thresholds around the one in force.
BODY_AT = (0.5, 0.5, 0.5, 0.3, 0.7)


@dataclass(frozen=True, slots=True)
class File:
    """A mixed file as the pipeline gives it to the splitter."""

    mix: Mix
    page: Page
    labels: tuple[Label, ...]
    opens: npt.NDArray[np.bool_]  # (n,) the spans that open a further story
    fold: int


@dataclass(frozen=True, slots=True)
class Read:
    """A file, and what the networks are told of it by one lexicon."""

    file: File
    gaps: Gaps


def read_file(lexicon: Lexicon, file: File) -> Read:
    return Read(file, gaps_of(file.page, file.labels, lexicon))


def labelled(fold: int, mix: Mix) -> File | None:
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
    return File(mix, page, labels, opens, fold)


def files_of(
    folder: Path, folds: int, each: int, seed: int, processes: int, *, short: float = 0
) -> list[File]:
    """The files of all folds, each fold's of its own sites alone; the same whatever the number of processes.

    `short`: the share of the mixed stories that are told short.  A part of a long story under its heading looks like one, so
    such parts are shown as well: in half as many stories, for each has several.
    """
    found = []
    with ProcessPoolExecutor(processes) as pool:
        make = partial(
            mixes_of_fold, folder, folds=folds, each=each, seed=seed, short=short, headed=short / 2
        )
        made = pool.map(make, range(folds), chunksize=1)
        for fold, mixes in enumerate(made):
            files: Iterable[File | None] = pool.map(partial(labelled, fold), mixes, chunksize=20)
            found += [file for file in files if file is not None]
    return found
