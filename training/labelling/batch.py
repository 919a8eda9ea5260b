"""Pages as the fit takes them: prepared once, laid behind each other for each step, and what was missed on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from training.labelling.examples import Example
from training.labelling.recipe import Recipe

GAP = 32  # empty places between two pages laid behind each other; beyond the reach of no layer but the last
GUESS_WEIGHT = 0.3  # of the error of the first guess


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
        self.mask = torch.zeros(self.length, 1)
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

    def sums(self, values: Tensor) -> Tensor:
        """(pages, …) of (blocks, …)."""
        return torch.zeros(len(self.size), values.shape[1]).index_add(0, self.page, values)

    def most(self, state: Tensor) -> Tensor:
        """(pages, …): the highest of each page's blocks; none is below 0."""
        return torch.zeros(len(self.size), state.shape[1]).index_reduce(0, self.page, state, "amax")

    def error(self, logits: Tensor, guess: Tensor | None = None) -> Tensor:
        """Cross entropy; and where it is of body, how far the words kept miss an F1 of 1, page by page.  Of a first
        guess too, for less."""
        if logits.shape[1] > 1:
            entropy = functional.cross_entropy(logits, self.target.long(), reduction="none") * self.weight
            return entropy.sum() / len(self.size)
        error = self._body_error(logits[:, 0])
        return error if guess is None else error + GUESS_WEIGHT * self._body_error(guess[:, 0])

    def _body_error(self, logits: Tensor) -> Tensor:
        entropy = (
            functional.binary_cross_entropy_with_logits(logits, self.target, reduction="none") * self.weight
        )
        kept = torch.sigmoid(logits) * self.share

        def by_page(values: Tensor) -> Tensor:
            return self.sums(values[:, None])[:, 0]

        both, all_kept, gold = by_page(kept * self.target), by_page(kept), by_page(self.target * self.share)
        return entropy.sum() / len(self.size) + (1 - (2 * both + 0.02) / (all_kept + gold + 0.02)).mean()
