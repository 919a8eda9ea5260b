"""The splitter's network: that of the labeller, fitted to say which spans open a further story."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.pageset import Page as Entry
from ingest.labellers.learned.network import Network
from training.labelling.examples import Example
from training.labelling.fitting import fit_members
from training.labelling.recipe import Recipe
from training.splitting.examples import Read

MAXIMUM_SPANS = 600  # of a file that is learned from; longer ones would outweigh the rest

# Of the stories in mixed files: networks that saw no short ones leave them with their neighbours.
SHORT = 0.05

# Chosen by cross-validation: ingest/models/splitter.md.
RECIPE = Recipe(
    width=48,
    vector=6,
    distances=(1, 2, 4, 8),
    sites=(100,),
    epochs=4,
    pages=16,
    rate=3e-3,
    dropout=0.15,
    forget_token=0.3,
    forget_bag=0.15,
    news=2.0,
    members=4,
)


def fit_networks(
    reads: Sequence[Read], recipe: Recipe = RECIPE, *, processes: int = 1, say: bool = False
) -> tuple[Network, ...]:
    """The networks fitted to these files."""
    examples = [_example(read) for read in reads if len(read.file.opens) < MAXIMUM_SPANS]
    return fit_members(examples, recipe, processes=processes, say=say)


def _example(read: Read) -> Example:
    """Every span's entropy counts in full, a file's F1 little: what is likely must stay in order for the second network."""
    n, mix = len(read.file.opens), read.file.mix
    source = "fundus" if mix.news else "wcxb"
    return Example(
        Entry(mix.id, source, mix.site, mix.level, None, ""),
        mix.level,
        read.gaps.numbers,
        read.gaps.bags,
        read.file.opens.astype(np.float32),
        np.full(n, 2 * n, np.float32),
        np.full(n, 1 / n, np.float32),
    )
