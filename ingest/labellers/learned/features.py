"""Everything that the network is told of a page: one array of numbers and the bags of hashes, for all blocks at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np

from ingest.labellers.learned.network import Bag
from ingest.labellers.learned.structure import structure_features, token_hash
from ingest.labellers.learned.text import NAMES, Floats, text_features
from ingest.model import Page

# A sentence or more, by numbers: what bodies are made of (as `ingest.labellers.lines.Line.prose` has it).
_PROSE_WORDS, _LONG_WORDS = 6, 31
_WORDS, _TERMINAL = NAMES.index("words"), NAMES.index("ends_terminal")


@dataclass(frozen=True, slots=True)
class Features:
    """Of the n blocks of a page."""

    numbers: Floats  # (n, features)
    bags: tuple[Bag, ...]  # n-grams; for HTML also class tokens near, and all class tokens


def features_of(page: Page) -> Features:
    """The features of a page; those of its mark-up too where it has one."""
    n = len(page.spans)
    if not n:
        return Features(np.zeros((0, len(NAMES)), np.float32), ())
    text = text_features(page.text, page.spans, page.facts.title, page.facts.body)
    facts = [span.dom for span in page.spans if span.dom is not None]
    if len(facts) < n:
        return Features(text.numbers, (text.grams,))
    words = np.expm1(text.numbers[:, _WORDS])
    prose = ((text.numbers[:, _TERMINAL] > 0) & (words >= _PROSE_WORDS)) | (words >= _LONG_WORDS)
    lengths = np.fromiter((span.end - span.start for span in page.spans), np.int64, n)
    structure = structure_features(facts, page.parents, lengths, prose)
    return Features(
        np.hstack([text.numbers, structure.numbers]), (text.grams, _bag(structure.near), _bag(structure.all))
    )


def _bag(tokens: Sequence[frozenset[str]]) -> Bag:
    hashes = [_hashes(some) for some in tokens]
    block = np.repeat(np.arange(len(tokens)), [len(some) for some in hashes])
    return np.fromiter(chain.from_iterable(hashes), np.uint32), block


@lru_cache(maxsize=20_000)
def _hashes(tokens: frozenset[str]) -> tuple[int, ...]:
    """In an order of their own: that of a set is another in each process, and sums of floats tell."""
    return tuple(sorted(map(token_hash, tokens)))
