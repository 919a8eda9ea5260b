"""A small network over the blocks of a page: what each is, judged with all that stand around it.

Each block's numbers and the means of the vectors of its known words and tokens make its first state; a summary of
the whole page is added; then each layer mixes a block's state with those of two others, at growing distances (a
dilated convolution, after Yu and Koltun, 2016).  So gaps inside a story are filled and strays outside it are cut
by what was learned, not by thresholds.  Trained with `training/labeller.py`; here are only its sums, in numpy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import IO

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Vectors of the hashed words or tokens that stood on enough sites to be learned; others count for nothing."""

    known: npt.NDArray[np.uint32]  # sorted
    vectors: Floats  # (len(known), d)

    def means(self, hashes: npt.NDArray[np.uint32], block: Ints, blocks: int) -> Floats:
        """(blocks, d): for each block the mean vector of its known ones; zeros where it has none."""
        place = np.minimum(np.searchsorted(self.known, hashes), len(self.known) - 1)
        hit = self.known[place] == hashes
        place, block = place[hit], block[hit]
        count = np.bincount(block, minlength=blocks)
        mean = np.zeros((blocks, self.vectors.shape[1]), np.float32)
        some = np.flatnonzero(count)
        if len(some):  # blocks stand in order, so each one's vectors lie together
            begins = np.concatenate(([0], np.cumsum(count[some])[:-1]))
            mean[some] = np.add.reduceat(self.vectors[place], begins, axis=0) / count[some, None]
        return mean


@dataclass(frozen=True, slots=True)
class Network:
    """The weights, as float32.  `layers`: distance, weights (3, h, h) for before, here and behind, and bias."""

    mean: Floats
    scale: Floats
    vocabularies: tuple[Vocabulary, ...]
    entry: tuple[Floats, Floats]
    summary: tuple[Floats, Floats]
    layers: tuple[tuple[int, Floats, Floats], ...]
    middle: tuple[Floats, Floats]
    outcome: tuple[Floats, Floats]

    def outputs(self, numbers: Floats, bags: Sequence[tuple[npt.NDArray[np.uint32], Ints]]) -> Floats:
        """(n, outputs) for n blocks with these numbers, (n, features), and bags of (hashes, the block of each)."""
        n = len(numbers)
        vectors = [
            v.means(hashes, block, n) for v, (hashes, block) in zip(self.vocabularies, bags, strict=True)
        ]
        state = _active(np.hstack([np.clip((numbers - self.mean) / self.scale, -5, 5), *vectors]), self.entry)
        page = np.concatenate([state.mean(axis=0), state.max(axis=0)])[None]
        state = state + _active(page, self.summary)
        for distance, weights, bias in self.layers:
            mixed = state @ weights[1] + bias
            if n > distance:
                mixed[distance:] += state[:-distance] @ weights[0]
                mixed[:-distance] += state[distance:] @ weights[2]
            state = state + np.maximum(mixed, 0, out=mixed)
        state = state + _active(state, self.middle)
        outputs: Floats = state @ self.outcome[0] + self.outcome[1]
        return outputs


def shipped(name: str) -> tuple[Network, ...]:
    """The networks in the file of this name in `ingest.models`, whose mean counts."""
    with files("ingest.models").joinpath(name).open("rb") as file:
        return read(file)


def read(file: IO[bytes]) -> tuple[Network, ...]:
    """Networks as `training.labelling.weights` writes them."""
    with np.load(file, allow_pickle=False) as kept:
        arrays = {key: kept[key] for key in kept.files}
    return tuple(_network(arrays, f"{number}.") for number in range(int(arrays["networks"])))


def _network(arrays: Mapping[str, npt.NDArray[np.generic]], prefix: str) -> Network:
    def layer(key: str) -> tuple[Floats, Floats]:
        return _floats(arrays[f"{prefix}{key}.weight"]), _floats(arrays[f"{prefix}{key}.bias"])

    return Network(
        mean=_floats(arrays[f"{prefix}mean"]),
        scale=_floats(arrays[f"{prefix}scale"]),
        vocabularies=tuple(
            Vocabulary(
                np.asarray(arrays[f"{prefix}known.{i}"], np.uint32), _floats(arrays[f"{prefix}vectors.{i}"])
            )
            for i in range(int(arrays[f"{prefix}bags"]))
        ),
        entry=layer("entry"),
        summary=layer("summary"),
        layers=tuple((int(d), *layer(f"layer.{i}")) for i, d in enumerate(arrays[f"{prefix}distances"])),
        middle=layer("middle"),
        outcome=layer("outcome"),
    )


def _floats(array: npt.NDArray[np.generic]) -> Floats:
    return np.ascontiguousarray(array, np.float32)


def _active(values: Floats, layer: tuple[Floats, Floats]) -> Floats:
    found: Floats = np.maximum(values @ layer[0] + layer[1], 0)
    return found
