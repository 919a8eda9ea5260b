"""Numbers that say where the blocks of a page stand in its mark-up, and what the elements around them hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
import numpy.typing as npt

from ingest.labellers.learned.text import Floats, Ints
from ingest.model import DomFacts

LEVELS = 4  # the block element and so many less one around it, whose whole content is summed up

_TAGS = (
    "p", "li", "h1", "h2", "h3", "h4", "h5", "div", "td", "tr", "figcaption", "blockquote", "pre", "dd", "dt", "button",
    "option", "label", "section", "article", "ul", "br", "th", "main", "form", "summary", "address", "header", "footer",
)  # fmt: skip
_AROUND = (
    "nav", "header", "footer", "aside", "form", "article", "main", "figure", "table", "ul", "ol", "blockquote", "section",
    "p", "a", "noscript", "details", "button", "select", "dl", "pre", "em", "strong", "time", "span", "h1", "h2", "h3",
)  # fmt: skip
_CONTENT = ("characters", "links", "prose", "blocks", "share")

NAMES: tuple[str, ...] = (
    *(f"is_{tag}" for tag in _TAGS),
    *(f"in_{tag}" for tag in _AROUND),
    "link_share",
    "hidden",
    "depth",
    *(f"{name}_{level}" for level in range(LEVELS) for name in _CONTENT),
    *(f"alike_{name}" for name in _CONTENT),
    "behind_h1",
    "from_h1",
)
_TAG_NUMBER = {tag: i for i, tag in enumerate(_TAGS)}


@dataclass(frozen=True, slots=True)
class StructureFeatures:
    """Of n blocks.  Tokens are hashes of words of class and id values and of element names."""

    numbers: Floats  # (n, len(NAMES))
    near: tuple[frozenset[str], ...]  # of the block's element and the two around it
    all: tuple[frozenset[str], ...]  # of everything around it


def structure_features(
    facts: Sequence[DomFacts], parents: Sequence[int], lengths: Ints, is_prose: npt.NDArray[np.bool_]
) -> StructureFeatures:
    """The features of blocks with these facts, of so many characters.  `parents`: how the page's elements nest."""
    n = len(facts)
    table = np.zeros((n, len(NAMES)), np.float32)
    link_share = np.fromiter((f.link_share for f in facts), np.float64, n)
    known = [(i, number) for i, f in enumerate(facts) if (number := _TAG_NUMBER.get(f.tag)) is not None]
    if known:
        table[tuple(np.array(known).T)] = 1
    at = len(_TAGS)
    around = np.frombuffer(b"".join([_around(f.path) for f in facts]), np.uint8)
    table[:, at : at + len(_AROUND)] = around.reshape(n, len(_AROUND))
    at += len(_AROUND)
    table[:, at] = link_share
    table[:, at + 1] = [f.hidden for f in facts]
    table[:, at + 2] = np.fromiter((len(f.path) for f in facts), np.float64, n) / 20
    at += 3
    elements = np.fromiter((f.element for f in facts), np.int64, n)
    weights = np.stack([lengths.astype(np.float64), lengths * link_share, lengths * is_prose, np.ones(n)])
    held = _held(elements, parents or (0,), weights)
    above = np.asarray(parents or (0,), np.int64)
    here = elements
    for _ in range(LEVELS):
        table[:, at : at + len(_CONTENT)] = _content(held[:, here], weights.sum(axis=1))
        at += len(_CONTENT)
        here = above[here]
    alike = _alike(facts)
    sums = np.stack([np.bincount(alike, row) for row in weights]).astype(np.float64)
    table[:, at : at + len(_CONTENT)] = _content(sums[:, alike], weights.sum(axis=1))
    at += len(_CONTENT)
    first = next((i for i, f in enumerate(facts) if f.tag == "h1"), None)
    if first is not None:
        distance = np.arange(n) - first
        table[:, at] = np.sign(distance)
        table[:, at + 1] = np.minimum(1, np.abs(distance) / 50)
    return StructureFeatures(table, tuple(f.near for f in facts), tuple(f.tokens for f in facts))


@lru_cache(maxsize=20_000)
def _around(path: tuple[str, ...]) -> bytes:
    """A byte for each of the elements that may be around: whether it is on the path."""
    names = frozenset(path)
    return bytes(tag in names for tag in _AROUND)


def _held(
    elements: Ints, parents: Sequence[int], weights: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """For each element the sums of the weights of all blocks inside it."""
    sizes = [1] * len(
        parents
    )  # elements in each, itself among them: numbers in document order that lie together
    for element in range(len(parents) - 1, 0, -1):
        sizes[parents[element]] += sizes[element]
    own = np.stack([np.bincount(elements, row, len(parents)) for row in weights]).astype(np.float64)
    total = np.concatenate((np.zeros((len(weights), 1)), np.cumsum(own, axis=1)), axis=1)
    first = np.arange(len(parents))
    return np.asarray(total[:, first + np.array(sizes)] - total[:, first], np.float64)


def _content(sums: npt.NDArray[np.float64], total: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(n, 5) of (characters, linked, prose, blocks), each (n,), and the page's sums."""
    size = np.maximum(1, sums[0])
    return np.stack(
        [
            np.log1p(sums[0]) / 5,
            sums[1] / size,
            sums[2] / size,
            np.log1p(sums[3]) / 5,
            sums[2] / max(1.0, total[2]),
        ],
        axis=1,
    )


def _alike(facts: Sequence[DomFacts]) -> Ints:
    """Numbers of the kinds of blocks: the same element names and near class values."""
    numbers: dict[tuple[tuple[str, ...], frozenset[str]], int] = {}
    return np.fromiter(
        (numbers.setdefault((f.path, f.near), len(numbers)) for f in facts), np.int64, len(facts)
    )


@lru_cache(maxsize=100_000)
def token_hash(token: str) -> int:
    """A token's hash, the same in every process."""
    return crc32(token.encode("utf-8", "replace"))
