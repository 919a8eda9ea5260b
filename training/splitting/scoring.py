"""How well files are cut that a splitter was not fitted to, at several thresholds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

import numpy as np

from ingest.labellers.learned.network import Network
from ingest.splitting.wholes import rounds
from training.splitting.examples import Read
from training.splitting.wholes import key_of

THRESHOLDS = (0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.98)


class Row(NamedTuple):
    level: str
    news: bool
    mixed: bool
    right: tuple[bool, ...]  # at each threshold: all boundaries and no other


def scored(wholes: Sequence[Network], scores: Mapping[str, np.ndarray], reads: Sequence[Read]) -> list[Row]:
    """A row for each file."""
    return [
        Row(
            read.file.mix.level,
            read.file.mix.news,
            bool(read.file.opens.any()),
            _right(wholes, scores[key_of(read)], read),
        )
        for read in reads
    ]


def _right(wholes: Sequence[Network], scores: np.ndarray, read: Read) -> tuple[bool, ...]:
    wanted = np.flatnonzero(read.file.opens).tolist()
    states = [
        (min(one.score for one in left), [one.index for one in left])
        for left in rounds(wholes, scores, read.gaps)
    ]
    states.append((1.0, []))  # and when all have gone
    return tuple(next(left for least, left in states if least >= at) == wanted for at in THRESHOLDS)


def as_markdown(rows: Iterable[Row]) -> str:
    """The operating curve: the share of mixed files that are cut exactly, of single stories that are cut at all."""
    groups = defaultdict[str, list[Row]](list)
    for row in rows:
        groups[row.level].append(row)
        if not row.mixed and row.level not in ("neg_page", "neg_live"):
            groups["single news" if row.news else "single WCXB"].append(row)
    lines = [
        "| files | n | " + " | ".join(f"{at:g}" for at in THRESHOLDS) + " |",
        "|---|---|" + "---|" * len(THRESHOLDS),
    ]
    for name, some in sorted(groups.items(), key=lambda item: (not item[1][0].mixed, item[0])):
        shares = (fmean(row.right[i] for row in some) for i in range(len(THRESHOLDS)))
        told = (share if some[0].mixed else 1 - share for share in shares)
        lines.append(f"| {name} | {len(some)} | " + " | ".join(f"{share:.3f}" for share in told) + " |")
    return "\n".join(lines)
