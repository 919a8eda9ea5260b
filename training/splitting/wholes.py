"""The comparison of whole stories, fitted on what held-out networks take for boundaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.pageset import Page as Entry
from ingest.labellers.learned.network import Network
from ingest.splitting.wholes import states_of, whole_features
from training.labelling.examples import Example
from training.labelling.fitting import fit_members
from training.labelling.recipe import Recipe
from training.splitting.examples import Read

RECIPE = Recipe(
    width=48,
    distances=(1, 2, 4),
    sites=(),
    epochs=3,
    pages=64,
    rate=3e-3,
    dropout=0.25,
    news=2.0,
    members=4,
)

SHORT = 0.08  # of the stories in mixed files: it is here that they are lost

# How often what is seen of a single story counts: most have no candidate, so there is little of it beside the mixed files.
SINGLES = 9


def fit_wholes(
    reads: Sequence[Read],
    scores: Mapping[str, np.ndarray],
    recipe: Recipe = RECIPE,
    *,
    processes: int = 1,
    say: bool = False,
) -> tuple[Network, ...]:
    """`scores`: of each file (fold and id), by a network that was not fitted to its sites."""
    examples = [example for read in reads for example in _states(read, scores[key_of(read)])]
    singles = [example for example in examples if example.entry.page_type.startswith("neg_")]
    return fit_members([*examples, *singles * (SINGLES - 1)], recipe, processes=processes, say=say)


def key_of(read: Read) -> str:
    return f"{read.file.fold}/{read.file.mix.id}"


def _states(read: Read, scores: np.ndarray) -> list[Example]:
    source = "fundus" if read.file.mix.news else "wcxb"
    entry = Entry(read.file.mix.id, source, read.file.mix.site, read.file.mix.level, None, "")
    found = []
    for chosen in states_of(scores, read.gaps):
        n = len(chosen)
        numbers = whole_features(chosen, scores, read.gaps)
        opens = read.file.opens[chosen].astype(np.float32)
        ones = np.ones(n, np.float32)
        found.append(Example(entry, read.file.mix.level, numbers, (), opens, ones, 30 * ones))
    return found
