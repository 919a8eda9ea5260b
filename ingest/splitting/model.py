"""The shipped splitter: what is known of words, and networks of two kinds, loaded once a process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import IO

import numpy as np

from ingest.labellers.learned.features import Features
from ingest.labellers.learned.network import Network, read
from ingest.labellers.learned.scores import probabilities
from ingest.labellers.learned.text import Floats
from ingest.model import Label, Page
from ingest.splitting.features import Gaps, gaps_of
from ingest.splitting.vocabulary import Lexicon
from ingest.splitting.wholes import CANDIDATE_AT, Scored, settled

NETWORKS, WORDS = "splitter.npz", "splitter-words.npz"


@dataclass(frozen=True, slots=True)
class Splitter:
    """`first` score every span by what stands around it, `wholes` the candidates by the stories between them; of each
    kind there are networks of several seeds, whose mean counts."""

    lexicon: Lexicon
    first: tuple[Network, ...]
    wholes: tuple[Network, ...]

    def gaps(self, page: Page, labels: Sequence[Label]) -> Gaps:
        return gaps_of(page, labels, self.lexicon)

    def scores(self, gaps: Gaps) -> Floats:
        """(n,) how likely each span opens a further story, seen from where it stands."""
        return first_scores(self.first, Features(gaps.numbers, gaps.bags))

    def settled(self, gaps: Gaps, scores: Floats, keep_at: float) -> list[Scored]:
        """See `ingest.splitting.wholes.settled`."""
        return settled(self.wholes, scores, gaps, keep_at)


def first_scores(networks: Sequence[Network], features: Features) -> Floats:
    """The mean of theirs; where the first finds no candidate, as in most files of one story, its own alone."""
    each = probabilities(networks, features)
    found = next(each)
    if found.max(initial=0) < CANDIDATE_AT:
        return found
    return np.asarray(np.mean([found, *each], axis=0), np.float32)


@cache
def splitter(folder: Path | None = None) -> Splitter:
    """That of this folder, where it has one; else the shipped one."""
    place = files("ingest.models") if folder is None or not (folder / NETWORKS).exists() else folder
    with place.joinpath(NETWORKS).open("rb") as file:
        networks = read(file)
    first = tuple(network for network in networks if network.vocabularies)
    wholes = tuple(network for network in networks if not network.vocabularies)
    with place.joinpath(WORDS).open("rb") as file:
        return Splitter(read_lexicon(file), first, wholes)


def read_lexicon(file: IO[bytes]) -> Lexicon:
    """Words as `training.splitting.lexicon` writes them: the subjects in whole numbers, of one scale."""
    with np.load(file, allow_pickle=False) as kept:
        subjects = kept["subjects"].astype(np.float32) * kept["scale"]
        return Lexicon(kept["known"], kept["weights"].astype(np.float32), subjects)
