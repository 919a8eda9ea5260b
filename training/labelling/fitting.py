"""Networks fitted to pages, and written down as `ingest.labellers.learned.network` has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from ingest.labellers.learned.network import Network, Overview, Vocabulary
from training.labelling.batch import Batch, Prepared
from training.labelling.examples import Example
from training.labelling.model import Model
from training.labelling.recipe import Recipe

_shared: list[Sequence[Example]] = []  # the pages, in a process that fits to them


def fit_members(
    examples: Sequence[Example], recipe: Recipe, *, processes: int = 1, say: bool = False
) -> tuple[Network, ...]:
    """The networks of a recipe, fitted to these pages; the same whatever the number of processes."""
    recipes = [replace(recipe, seed=recipe.seed + n) for n in range(recipe.members)]
    if processes == 1 or recipe.members == 1:
        return tuple(fit(examples, one, say=say) for one in recipes)
    # A fork has the pages already: gigabytes, that need not be sent.
    fork = get_context("fork")
    with ProcessPoolExecutor(
        processes, mp_context=fork, initializer=_shared.append, initargs=(examples,)
    ) as pool:
        return tuple(pool.map(partial(_fit_to_shared, say=say), recipes))


def _fit_to_shared(recipe: Recipe, *, say: bool) -> Network:
    return fit(_shared[-1], recipe, say=say)


def fit(examples: Sequence[Example], recipe: Recipe, *, say: bool = False) -> Network:
    """The network fitted to these pages.  The same on the same machine for the same recipe."""
    torch.manual_seed(recipe.seed)
    random = np.random.default_rng(recipe.seed)
    numbers = np.concatenate([example.numbers for example in examples])
    mean, scale = numbers.mean(0), numbers.std(0) + 1e-3
    known = [
        _known(examples, kind, sites)
        for kind, sites in zip(range(len(examples[0].bags)), recipe.sites, strict=False)
    ]
    pages = [Prepared.of(example, mean, scale, known) for example in examples]
    model = Model(numbers.shape[1], [len(vocabulary) for vocabulary in known], recipe)
    steps = recipe.epochs * -(-len(pages) // recipe.pages)
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.rate, total_steps=steps + 1, pct_start=0.15
    )
    chance = np.array([recipe.news if example.entry.is_news else 1.0 for example in examples])
    for epoch in range(recipe.epochs):
        model.train()
        errors = []
        order = random.choice(len(pages), len(pages), p=chance / chance.sum())
        for begin in range(0, len(order), recipe.pages):
            batch = Batch([pages[i] for i in order[begin : begin + recipe.pages]], recipe, random)
            error = batch.error(*model(batch))
            optimizer.zero_grad()
            error.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            errors.append(error.item())
        if say:
            print(f"    epoch {epoch + 1}: error {np.mean(errors):.4f}", flush=True)
    return _network(model, mean, scale, known, recipe)


def _known(examples: Sequence[Example], kind: int, sites: int) -> npt.NDArray[np.uint32]:
    """Hashes that stand on at least so many sites: what stands on few says which site it is, not what a block is."""
    seen = defaultdict[int, set[str]](set)
    for example in examples:
        for value in np.unique(example.bags[kind][0]).tolist():
            seen[value].add(example.entry.site)
    found = sorted(value for value, where in seen.items() if len(where) >= sites)
    return np.array(found or [0], np.uint32)


def _network(
    model: Model,
    mean: npt.NDArray[np.float32],
    scale: npt.NDArray[np.float32],
    known: Sequence[npt.NDArray[np.uint32]],
    recipe: Recipe,
) -> Network:
    def layer(linear: nn.Linear) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        return np.ascontiguousarray(linear.weight.detach().numpy().T), linear.bias.detach().numpy()

    # Vectors are halved in precision: they are most of the file.
    vectors = [bag.weight.detach().numpy().astype(np.float16) for bag in model.vectors]
    return Network(
        mean=mean,
        scale=scale,
        vocabularies=tuple(Vocabulary(k, v.astype(np.float32)) for k, v in zip(known, vectors, strict=True)),
        entry=layer(model.entry),
        summary=layer(model.summary),
        layers=tuple(
            (
                d,
                layer(mixing)[0].reshape(3, recipe.width, recipe.width),
                layer(mixing)[1],
            )
            for d, mixing in zip(recipe.distances, model.layers, strict=True)
        ),
        overview=Overview(layer(model.guess), layer(model.overview)) if recipe.overview else None,
        middle=layer(model.middle),
        outcome=layer(model.outcome),
    )
