"""What each cue is worth: the fitted networks asked again with the cue set to its mean, on files of held-out sites.

Without fitting anew, so a cue that another could stand in for looks worth more than it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ingest.labellers.learned.features import Features
from ingest.splitting.features import LABEL_NAMES, NAMES
from ingest.splitting.model import Splitter, first_scores
from training.splitting.examples import Read
from training.splitting.scoring import Row, scored
from training.splitting.wholes import key_of

AT = 0.8  # the threshold by which the cues are compared
_COHESION = ("alike", "retold", "known")


def cues() -> dict[str, np.ndarray]:
    """The numbers of each cue's features."""
    names = np.array(NAMES)

    def starting(*heads: str) -> np.ndarray:
        return np.flatnonzero([name.startswith(heads) for name in names])

    return {
        "words on both sides of the gap": starting(*(f"{name}_" for name in _COHESION)),
        "names on both sides of the gap": starting(*(f"names_{name}_" for name in _COHESION)),
        "the span's own words, before and behind": starting("words_before", "words_behind"),
        "the span's own names, before and behind": starting("names_before", "names_behind"),
        "what the words are about": starting("related"),
        "the labeller's word": np.flatnonzero(np.isin(names, LABEL_NAMES)),
        "lines that come again": np.flatnonzero(
            np.isin(names, ("times_in_page", "seen_before", "comes_again"))
        ),
        "blank lines": np.flatnonzero(np.isin(names, ("gap_before", "gap_after"))),
        "place in the file": np.flatnonzero(
            np.isin(names, ("place", "text_before", "number", "number_back", "blocks", "page_words"))
        ),
        "end and length of the span": np.flatnonzero(
            np.isin(
                names,
                ("characters", "words", "ends_terminal", "terminals", "inner_sentences", "starts_upper"),
            )
        ),
    }


def ablated(model: Splitter, reads: Sequence[Read]) -> Mapping[str, list[Row]]:
    """The rows without each cue; also without words as such, and with nothing left out."""
    found = {"nothing left out": _rows(model, reads, ())}
    for cue, numbers in cues().items():
        found[cue] = _rows(model, reads, numbers)
    found["the span's first and last words"] = _rows(model, reads, (), bags=False)
    return found


def _rows(
    model: Splitter,
    reads: Sequence[Read],
    left_out: Sequence[int] | np.ndarray,
    *,
    bags: bool = True,
) -> list[Row]:
    without = []
    scores = {}
    for read in reads:
        numbers = read.gaps.numbers.copy()
        numbers[:, left_out] = model.first[0].mean[left_out] if len(left_out) else 0
        if not len(left_out):
            numbers = read.gaps.numbers
        empty = tuple((hashes[:0], block[:0]) for hashes, block in read.gaps.bags)
        told = read.gaps.bags if bags else empty
        without.append(replace(read, gaps=replace(read.gaps, numbers=numbers, bags=told)))
        scores[key_of(read)] = first_scores(model.first, Features(numbers, told))
    return scored(model.wholes, scores, without)
