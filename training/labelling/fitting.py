"""The network of `ingest.labellers.learned.network` in torch, fitted and written down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from ingest.labellers.learned.network import Network, Vocabulary
from training.labelling.examples import Example

GAP = 32  # empty places between two pages laid behind each other; beyond the reach of no layer but the last


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that was chosen by cross-validation over whole sites."""

    outputs: int = 1  # for body; more: as many reasons
    width: int = 64
    vector: int = 8
    distances: tuple[int, ...] = (1, 2, 4, 8, 16)
    sites: tuple[int, ...] = (10, 8, 8)  # on so many sites a word or token must stand to be learned, by bag
    epochs: int = 12
    pages: int = 12  # in one step
    rate: float = 3e-3
    decay: float = 1e-4
    dropout: float = 0.2
    forget_token: float = 0.2  # share of words and tokens left out at random
    forget_bag: float = 0.15  # share of pages whose words, or whose class tokens, are left out whole
    news: float = 2.5  # how much more often a page of news is seen than another
    members: int = 2  # networks of other seeds, whose mean counts
    seed: int = 0


class Model(nn.Module):
    """Trained form of `Network`; see there."""

    def __init__(self, features: int, sizes: Sequence[int], recipe: Recipe) -> None:
        super().__init__()
        self.vectors = nn.ModuleList(nn.EmbeddingBag(size, recipe.vector, mode="mean") for size in sizes)
        for bag in self.vectors:
            nn.init.normal_(bag.weight, std=0.1)
        width = recipe.width
        self.entry = nn.Linear(features + recipe.vector * len(sizes), width)
        self.summary = nn.Linear(2 * width, width)
        self.layers = nn.ModuleList(
            nn.Conv1d(width, width, 3, padding=d, dilation=d) for d in recipe.distances
        )
        self.middle = nn.Linear(width, width)
        self.outcome = nn.Linear(width, recipe.outputs)
        self.drop = nn.Dropout(recipe.dropout)

    def forward(self, batch: Batch) -> Tensor:
        means = [
            self.drop(bag(ids, offsets)) * keep
            for bag, (ids, offsets), keep in zip(self.vectors, batch.bags, batch.keeps, strict=True)
        ]
        state = functional.relu(self.entry(self.drop(torch.cat([batch.numbers, *means], 1))))
        state = state + functional.relu(self.summary(batch.summaries(state)))[batch.page]
        row = torch.zeros(batch.length, state.shape[1]).index_copy_(0, batch.place, state).t()[None]
        for layer in self.layers:
            row = row + self.drop(functional.relu(layer(row))) * batch.mask
        state = row[0].t()[batch.place]
        state = state + functional.relu(self.middle(self.drop(state)))
        return self.outcome(state)


@dataclass(slots=True)
class Prepared:
    """A page with its numbers scaled and its words and tokens looked up."""

    numbers: npt.NDArray[np.float32]
    bags: tuple[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]], ...]
    target: npt.NDArray[np.float32]
    weight: npt.NDArray[np.float32]  # of each block in the mean error
    share: npt.NDArray[np.float32]  # of the gold's words that each block has

    @classmethod
    def of(
        cls,
        example: Example,
        mean: npt.NDArray[np.float32],
        scale: npt.NDArray[np.float32],
        known: Sequence[npt.NDArray[np.uint32]],
    ) -> Prepared:
        bags = []
        for vocabulary, (hashes, block) in zip(known, example.bags, strict=True):
            place = np.minimum(np.searchsorted(vocabulary, hashes), len(vocabulary) - 1)
            hit = vocabulary[place] == hashes
            bags.append((place[hit].astype(np.int64), block[hit].astype(np.int64)))
        count = np.minimum(example.words, 200)
        gold = max(30.0, float((example.words * example.target).sum()))
        # Half the weight of a page goes to its blocks, half to its words.
        weight = example.sureness * (0.5 / len(count) + 0.5 * count / max(30.0, float(count.sum())))
        numbers = np.clip((example.numbers - mean) / scale, -5, 5).astype(np.float32)
        return cls(numbers, tuple(bags), example.target, weight, example.words * example.sureness / gold)


class Batch:
    """Pages laid behind each other."""

    def __init__(
        self, pages: Sequence[Prepared], recipe: Recipe, random: np.random.Generator | None = None
    ) -> None:
        sizes = [len(page.numbers) for page in pages]
        starts = np.cumsum([0, *sizes[:-1]])
        total, number = sum(sizes), len(pages)
        self.numbers = torch.from_numpy(np.concatenate([page.numbers for page in pages]))
        self.page = torch.from_numpy(np.repeat(np.arange(number), sizes))
        places = [
            start + GAP * (i + 1) + np.arange(size)
            for i, (start, size) in enumerate(zip(starts, sizes, strict=True))
        ]
        self.place = torch.from_numpy(np.concatenate(places))
        self.length = total + GAP * (number + 1)
        self.mask = torch.zeros(self.length)
        self.mask[self.place] = 1
        self.size = torch.tensor(sizes, dtype=torch.float32)[:, None]
        self.target, self.weight, self.share = (
            torch.from_numpy(np.concatenate([getattr(page, name) for page in pages]))
            for name in ("target", "weight", "share")
        )
        self.bags: list[tuple[Tensor, Tensor]] = []
        self.keeps: list[Tensor] = []
        keep_structure = self._keep(recipe, random, number)
        for kind in range(len(pages[0].bags)):
            ids = np.concatenate([page.bags[kind][0] for page in pages])
            block = np.concatenate(
                [page.bags[kind][1] + start for page, start in zip(pages, starts, strict=True)]
            )
            if random is not None:
                stays = random.random(len(ids)) >= recipe.forget_token
                ids, block = ids[stays], block[stays]
            offsets = np.searchsorted(block, np.arange(total)).astype(np.int64)
            self.bags.append((torch.from_numpy(ids), torch.from_numpy(offsets)))
            keep = keep_structure if kind else self._keep(recipe, random, number)
            self.keeps.append(keep[self.page][:, None])

    @staticmethod
    def _keep(recipe: Recipe, random: np.random.Generator | None, pages: int) -> Tensor:
        if random is None:
            return torch.ones(pages)
        return torch.from_numpy((random.random(pages) >= recipe.forget_bag).astype(np.float32))

    def summaries(self, state: Tensor) -> Tensor:
        shape = len(self.size), state.shape[1]
        mean = torch.zeros(shape).index_add_(0, self.page, state) / self.size
        most = torch.zeros(shape).index_reduce_(0, self.page, state, "amax")
        return torch.cat([mean, most], 1)

    def error(self, logits: Tensor) -> Tensor:
        """Cross entropy; and where it is of body, how far the words kept miss an F1 of 1, page by page."""
        if logits.shape[1] > 1:
            entropy = functional.cross_entropy(logits, self.target.long(), reduction="none") * self.weight
            return entropy.sum() / len(self.size)
        logits = logits[:, 0]
        entropy = (
            functional.binary_cross_entropy_with_logits(logits, self.target, reduction="none") * self.weight
        )
        kept = torch.sigmoid(logits) * self.share

        def by_page(values: Tensor) -> Tensor:
            return torch.zeros(len(self.size)).index_add(0, self.page, values)

        both, all_kept, gold = by_page(kept * self.target), by_page(kept), by_page(self.target * self.share)
        return entropy.sum() / len(self.size) + (1 - (2 * both + 0.02) / (all_kept + gold + 0.02)).mean()


def fit_members(examples: Sequence[Example], recipe: Recipe, *, say: bool = False) -> tuple[Network, ...]:
    """The networks of a recipe, fitted to these pages."""
    return tuple(fit(examples, replace(recipe, seed=recipe.seed + n), say=say) for n in range(recipe.members))


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
            error = batch.error(model(batch))
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
                np.ascontiguousarray(conv.weight.detach().numpy().transpose(2, 1, 0)),
                conv.bias.detach().numpy(),
            )
            for d, conv in zip(recipe.distances, model.layers, strict=True)
        ),
        middle=layer(model.middle),
        outcome=layer(model.outcome),
    )
