"""What a network is like and how it is fitted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that was chosen by cross-validation over whole sites."""

    outputs: int = 1  # for body; more: as many reasons
    width: int = 64
    vector: int = 8
    distances: tuple[int, ...] = (1, 2, 4, 8, 16)
    overview: bool = False  # whether what the layers found is summed up once more; only with one output
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
