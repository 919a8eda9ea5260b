"""The splitter's network: that of the labeller, fitted to say which spans open a further story."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.pageset import Page as Entry
from ingest.labellers.learned.network import Network
from training.labelling.examples import Example
from training.labelling.fitting import Recipe, fit_members
from training.splitting.examples import Read

# Chosen by cross-validation: ingest/models/splitter.md.
RECIPE = Recipe(
    width=48,
    vector=6,
    distances=(1, 2, 4, 8),
    sites=(25,),
    epochs=8,
    pages=16,
    rate=3e-3,
    dropout=0.15,
    forget_token=0.3,
    forget_bag=0.15,
    news=2.0,
    members=1,
)
_SAME = 30.0  # words: every span counts alike, and the share of a story's opening is one over their number


def fit_network(reads: Sequence[Read], recipe: Recipe = RECIPE, *, say: bool = False) -> Network:
    """The network fitted to these files."""
    (network,) = fit_members([_example(read) for read in reads], recipe, say=say)
    return network


def _example(read: Read) -> Example:
    n, mix = len(read.opens), read.mix
    source = "fundus" if mix.news else "wcxb"
    return Example(
        Entry(mix.id, source, mix.site, mix.level, None, ""),
        mix.level,
        read.gaps.numbers,
        read.gaps.bags,
        read.opens.astype(np.float32),
        np.ones(n, np.float32),
        np.full(n, _SAME, np.float32),
    )
