"""What is known of words, from the main texts of a page set: how rare each is, and what it is about.

The subjects are those of latent semantic analysis (Deerwester et al., 1990): words that stand in the same passages point
one way.  Cosines of their sums are all that is asked, so that those of different page sets can stand for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.pageset import fold_of, read_pages
from ingest.labellers.learned.text import text_features
from ingest.splitting.vocabulary import Lexicon, word_hashes
from ingest.stages.blocks_text import blocks_of_text

SITES = 3  # on which a word must stand to be known
SUBJECTS = 64  # numbers that say what a word is about
PASSAGE = 40  # counted words
_ROUNDS = 4  # of the power iteration
_LARGEST = 99.9  # per cent of the numbers that are kept as they are; larger ones are clipped

Hashes = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Told:
    """The longer words of a page's main text, in order."""

    site: str
    fold: int
    hashes: Hashes


def told_words(folder: Path, folds: int) -> list[Told]:
    """Of all pages of a page set that have any."""
    found = []
    for page in read_pages(folder):
        lines = blocks_of_text(page.gold)
        hashes, _ = word_hashes(text_features(lines.text, lines.spans).words)
        if len(hashes):
            found.append(Told(page.site, fold_of(page.site, folds), hashes))
    return found


def lexicon_of(told: Iterable[Told], keep: Iterable[int]) -> Lexicon:
    """From the pages of these folds: the weight is 1 for a word that is on one site, 0 for one that is on all."""
    kept = set(keep)
    pages = [page for page in told if page.fold in kept]
    seen: dict[str, list[Hashes]] = {}
    for page in pages:
        seen.setdefault(page.site, []).append(page.hashes)
    hashes, sites = np.unique(
        np.concatenate([np.unique(np.concatenate(some)) for some in seen.values()]), return_counts=True
    )
    known = sites >= SITES
    hashes, rarity = hashes[known], np.log(len(seen) / sites[known]).astype(np.float32)
    subjects, scale = whole(_subjects(pages, hashes, rarity))
    weights = (rarity / np.log(len(seen))).astype(np.float16).astype(np.float32)
    return Lexicon(hashes, weights, subjects.astype(np.float32) * scale)


def _subjects(
    pages: Sequence[Told], known: Hashes, rarity: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """(len(known), SUBJECTS), as long as the words are rare."""
    words, passages, number = [], [], 0
    for page in pages:
        place = np.minimum(np.searchsorted(known, page.hashes), len(known) - 1)
        passage = np.arange(len(place)) // PASSAGE
        hit = known[place] == page.hashes
        words.append(place[hit])
        passages.append(number + passage[hit])
        number += int(passage[-1]) + 1
    pairs, times = np.unique(
        np.concatenate(passages) * len(known) + np.concatenate(words), return_counts=True
    )
    passage, word = np.divmod(pairs, len(known))
    value = np.log1p(times) * rarity[word]
    value /= np.sqrt(np.bincount(passage, value * value, number))[passage] + 1e-6
    table = torch.sparse_coo_tensor(
        torch.from_numpy(np.stack([passage, word])),
        torch.from_numpy(value.astype(np.float32)),
        (number, len(known)),
    )
    torch.manual_seed(0)
    _, size, vectors = torch.svd_lowrank(table, SUBJECTS + 20, niter=_ROUNDS)
    # The first direction is that of all passages.
    told = vectors[:, 1 : SUBJECTS + 1] * size[1 : SUBJECTS + 1].sqrt()
    return np.asarray(told.numpy() * rarity[:, None], np.float32)


def whole(subjects: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], np.float32]:
    """As whole numbers and their scale: a quarter of the room."""
    scale = np.float32(np.percentile(np.abs(subjects), _LARGEST) / 127)
    return np.clip(np.round(subjects / scale), -127, 127).astype(np.int8), scale


def save_lexicon(lexicon: Lexicon, file: Path) -> None:
    """In the form that `ingest.splitting.model` reads."""
    subjects, scale = whole(lexicon.subjects)
    weights = lexicon.weights.astype(np.float16)
    np.savez_compressed(file, known=lexicon.known, weights=weights, subjects=subjects, scale=scale)
