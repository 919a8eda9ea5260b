"""The network of `ingest.labellers.learned.network` in torch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from training.labelling.batch import Batch
    from training.labelling.recipe import Recipe

MASKED = 6_000_011  # places of the mask that all forgetting is cut from; more than a batch's states have


class Model(nn.Module):
    """Trained form of `Network`; see there."""

    def __init__(self, features: int, sizes: Sequence[int], recipe: Recipe) -> None:
        super().__init__()
        self.vectors = nn.ModuleList(nn.EmbeddingBag(size, recipe.vector, mode="mean") for size in sizes)
        for bag in self.vectors:
            nn.init.normal_(bag.weight, std=0.1)
        width = recipe.width
        self.distances = recipe.distances
        self.entry = nn.Linear(features + recipe.vector * len(sizes), width)
        self.summary = nn.Linear(2 * width, width)
        self.layers = nn.ModuleList(nn.Linear(3 * width, width) for _ in recipe.distances)
        self.guess = nn.Linear(width, 1) if recipe.overview else None
        self.overview = nn.Linear(3 * width, width) if recipe.overview else None
        self.middle = nn.Linear(width, width)
        self.outcome = nn.Linear(width, recipe.outputs)
        self.drop = Forget(recipe.dropout)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """For each block of the batch its outputs, and the first guess where the recipe asks for an overview."""
        means = [
            self.drop(bag(ids, offsets)) * keep
            for bag, (ids, offsets), keep in zip(self.vectors, batch.bags, batch.keeps, strict=True)
        ]
        state = functional.relu(self.entry(self.drop(torch.cat([batch.numbers, *means], 1))))
        page = torch.cat([batch.sums(state) / batch.size, batch.most(state)], 1)
        state = state + functional.relu(self.summary(page))[batch.page]
        row = torch.zeros(batch.length, state.shape[1]).index_copy(0, batch.place, state)
        for distance, layer in zip(self.distances, self.layers, strict=True):
            none = torch.zeros(distance, row.shape[1])
            before, behind = torch.cat([none, row[:-distance]]), torch.cat([row[distance:], none])
            mixed = functional.relu(layer(torch.cat([before, row, behind], 1)))
            row = row + self.drop(mixed) * batch.mask
        state = row[batch.place]
        guess = None
        if self.guess is not None and self.overview is not None:
            guess = self.guess(state)
            body = torch.sigmoid(guess)
            means = [batch.sums(state * of) / (batch.sums(of) + 0.5) for of in (body, 1 - body)]
            page = torch.cat([*means, batch.most(state)], 1)
            state = state + functional.relu(self.overview(self.drop(page)))[batch.page]
        state = state + functional.relu(self.middle(self.drop(state)))
        return self.outcome(state), guess


class Forget(nn.Module):
    """Dropout whose masks are cut from one long one: drawing each anew took a quarter of all the time of a fit."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, state: Tensor) -> Tensor:
        if not self.training or not self.share:
            return state
        mask, size = _mask(self.share), state.numel()
        if size > len(mask):
            return functional.dropout(state, self.share)
        start = int(torch.randint(len(mask) - size + 1, ()))
        return state * mask[start : start + size].view_as(state)


@cache
def _mask(share: float) -> Tensor:
    generator = torch.Generator().manual_seed(0)  # the same whatever was fitted before
    return (torch.rand(MASKED, generator=generator) >= share) / (1 - share)
