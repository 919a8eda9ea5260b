"""A small network over the blocks of a page: what each is, judged with all that stand around it.

Each block's numbers and the means of the vectors of its known words and tokens make its first state; a summary of
the whole page is added; then each layer mixes a block's state with those of two others, at growing distances (a
dilated convolution, after Yu and Koltun, 2016).  Where it has an overview, a first guess says what of the page is body,
and what that looks like, and what the rest does, is told to every block.  So gaps inside a story are filled and strays outside it are cut
by what was learned, not by thresholds.  Trained with `training/labeller.py`; here are only its sums, in numpy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bag = tuple[npt.NDArray[np.uint32], Ints]  # hashes, and the number of the block of each, in order

_HALVES = 1 << 16  # different upper halves of a hash


@dataclass(frozen=True, slots=True)
class Hits:
    """The known ones of a bag: where each stands in the vocabulary, those of a block together."""

    place: Ints
    blocks: Ints  # those that have any
    begins: Ints  # where each of these begins
    count: Ints  # how many it has


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Vectors of the hashed words or tokens that stood on enough sites to be learned; others count for nothing."""

    known: npt.NDArray[np.uint32]  # sorted
    vectors: Floats  # (len(known), d)
    # Where the known ones of each upper half of a hash begin, and how many one half has at most.
    first: npt.NDArray[np.int32] = field(init=False)
    most: int = field(init=False)

    def __post_init__(self) -> None:
        first = np.searchsorted(self.known >> 16, np.arange(_HALVES + 1)).astype(np.int32)
        object.__setattr__(self, "first", first)
        object.__setattr__(self, "most", int(np.diff(first).max()))

    def hits(self, bag: Bag) -> Hits:
        """Each hash is compared with the few of its own upper half: a search among all takes twice the time."""
        hashes, block = bag
        upper = hashes >> 16
        first, end = self.first[upper], self.first[upper + 1]
        (likely,) = (first < end).nonzero()  # most are unknown: this tells it of four in five
        hashes, block, place, last = hashes[likely], block[likely], first[likely], end[likely] - 1
        for _ in range(self.most - 1):
            place = np.minimum(place + (self.known[place] < hashes), last)
        hit = self.known[place] == hashes
        place, block = place[hit], block[hit]
        count = np.bincount(block)
        (blocks,) = count.nonzero()
        count = count[blocks]
        return Hits(place, blocks, count.cumsum() - count, count)

    def means(self, hits: Hits, blocks: int) -> Floats:
        """(blocks, d): for each block the mean vector of its known ones; zeros where it has none."""
        mean = np.zeros((blocks, self.vectors.shape[1]), np.float32)
        if len(hits.place):
            sums = np.add.reduceat(self.vectors[hits.place], hits.begins, axis=0)
            mean[hits.blocks] = sums / hits.count[:, None]
        return mean


@dataclass(frozen=True, slots=True)
class Overview:
    """Weights of what the layers found, summed up over the page: the body's mean state, the rest's, and the highest."""

    guess: tuple[Floats, Floats]  # of which blocks are body
    summary: tuple[Floats, Floats]

    def over(self, state: Floats) -> Floats:
        """(1, h), to be added to all states."""
        logits = state @ self.guess[0] + self.guess[1]
        body = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
        kept, of_body = np.float32(body.sum()), body.T @ state
        of_rest = state.sum(axis=0)[None] - of_body
        # Half a block more: where there is no body, or nothing else, its mean is near nought.
        means = [of_body / (kept + 0.5), of_rest / (len(state) - kept + 0.5)]
        return _active(np.hstack([*means, state.max(axis=0)[None]]), self.summary)


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
    overview: Overview | None = None

    def outputs(self, numbers: Floats, bags: Sequence[Bag]) -> Floats:
        """(n, outputs) for n blocks with these numbers, (n, features), and these bags."""
        with one_thread():
            return self._outputs(numbers, self._hits(bags))

    def _hits(self, bags: Sequence[Bag]) -> list[Hits]:
        return [vocabulary.hits(bag) for vocabulary, bag in zip(self.vocabularies, bags, strict=True)]

    def _knows_the_same(self, other: Network) -> bool:
        pairs = zip(self.vocabularies, other.vocabularies, strict=True)
        return all(one.known is another.known for one, another in pairs)

    def _outputs(self, numbers: Floats, found: Sequence[Hits]) -> Floats:
        n = len(numbers)
        vectors = [v.means(hits, n) for v, hits in zip(self.vocabularies, found, strict=True)]
        scaled = np.minimum(np.maximum((numbers - self.mean) / self.scale, -5), 5)
        state = _active(np.hstack([scaled, *vectors]), self.entry)
        page = np.concatenate([state.mean(axis=0), state.max(axis=0)])[None]
        state = state + _active(page, self.summary)
        for distance, weights, bias in self.layers:
            mixed = state @ weights[1]
            mixed += bias
            if n > distance:
                mixed[distance:] += state[:-distance] @ weights[0]
                mixed[:-distance] += state[distance:] @ weights[2]
            state = state + np.maximum(mixed, 0, out=mixed)
        if self.overview is not None:
            state = state + self.overview.over(state)
        state = state + _active(state, self.middle)
        outputs: Floats = state @ self.outcome[0] + self.outcome[1]
        return outputs


def outputs_of(networks: Iterable[Network], numbers: Floats, bags: Sequence[Bag]) -> Iterator[Floats]:
    """What each of them gives (see `Network.outputs`), when it is asked for.  Networks fitted to the same pages know the
    same words: these are looked up once."""
    asked: Network | None = None
    found: list[Hits] = []
    for network in networks:
        if asked is None or not network._knows_the_same(asked):
            asked, found = network, network._hits(bags)
        with one_thread():
            outputs = network._outputs(numbers, found)
        yield outputs


def one_thread() -> AbstractContextManager[Any]:
    """Sums in here take one thread: a page's are so small that more threads cost twice the time of one."""
    sums = _threaded_sums()
    limited: AbstractContextManager[Any] = sums.limit(limits=1) if sums else nullcontext()
    return limited


@cache
def _threaded_sums() -> ThreadpoolController | None:
    """None where one thread is all they have: then there is nothing to limit."""
    sums = ThreadpoolController().select(user_api="blas")
    return sums if any(library["num_threads"] > 1 for library in sums.info()) else None


def shipped(name: str) -> tuple[Network, ...]:
    """The networks in the file of this name in `ingest.models`, whose mean counts."""
    with files("ingest.models").joinpath(name).open("rb") as file:
        return read(file)


def read(file: IO[bytes]) -> tuple[Network, ...]:
    """Networks as `training.labelling.weights` writes them."""
    with np.load(file, allow_pickle=False) as kept:
        arrays = {key: kept[key] for key in kept.files}
    known: dict[bytes, npt.NDArray[np.uint32]] = {}
    return tuple(_network(arrays, f"{number}.", known) for number in range(int(arrays["networks"])))


def _network(
    arrays: Mapping[str, npt.NDArray[np.generic]], prefix: str, known: dict[bytes, npt.NDArray[np.uint32]]
) -> Network:
    """`known`: the hashes of the networks before, which others of the same hashes share."""

    def layer(key: str) -> tuple[Floats, Floats]:
        return _floats(arrays[f"{prefix}{key}.weight"]), _floats(arrays[f"{prefix}{key}.bias"])

    def shared(key: str) -> npt.NDArray[np.uint32]:
        hashes = np.asarray(arrays[key], np.uint32)
        return known.setdefault(hashes.tobytes(), hashes)

    return Network(
        mean=_floats(arrays[f"{prefix}mean"]),
        scale=_floats(arrays[f"{prefix}scale"]),
        vocabularies=tuple(
            Vocabulary(shared(f"{prefix}known.{i}"), _floats(arrays[f"{prefix}vectors.{i}"]))
            for i in range(int(arrays[f"{prefix}bags"]))
        ),
        entry=layer("entry"),
        summary=layer("summary"),
        layers=tuple((int(d), *layer(f"layer.{i}")) for i, d in enumerate(arrays[f"{prefix}distances"])),
        middle=layer("middle"),
        outcome=layer("outcome"),
        overview=Overview(layer("guess"), layer("overview")) if f"{prefix}guess.weight" in arrays else None,
    )


def _floats(array: npt.NDArray[np.generic]) -> Floats:
    return np.ascontiguousarray(array, np.float32)


def _active(values: Floats, layer: tuple[Floats, Floats]) -> Floats:
    found: Floats = values @ layer[0]
    found += layer[1]
    return np.maximum(found, 0, out=found)
