"""How likely each block of a page is body, as the shipped networks see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import numpy as np

from ingest.labellers.learned.features import Features
from ingest.labellers.learned.network import Network, outputs_of, read, shipped
from ingest.labellers.learned.text import Floats

# What the mark-up of pages says of their furniture, and so what can be learned of it for text without mark-up.
REASONS = (
    "navigation", "related-links", "advertisement", "comments", "share-buttons", "newsletter", "cookie-notice", "other",
)  # fmt: skip


def body_scores(features: Features, weights: Path | None = None) -> Floats:
    """(n,) probabilities for the n spans of a page, of HTML or of flat text.

    `weights`: the folder of a training's networks; those shipped where it is None or has none for such pages.
    """
    if not len(features.numbers):
        return np.zeros(0, np.float32)
    networks = _networks("labeller-html.npz" if len(features.bags) > 1 else "labeller-flat.npz", weights)
    return np.asarray(np.mean([*probabilities(networks, features)], axis=0), np.float32)


def likely_reasons(features: Features) -> list[str]:
    """For each line of a flat text why it is furniture, if it is: one of `REASONS`."""
    if not len(features.numbers):
        return []
    (network,) = _networks("reasons-flat.npz", None)
    return [REASONS[i] for i in network.outputs(features.numbers, features.bags).argmax(axis=1).tolist()]


def probabilities(networks: Iterable[Network], features: Features) -> Iterator[Floats]:
    """(n,) of each block, as each of the networks sees it; the next is asked when it is its turn."""
    return map(_probabilities, outputs_of(networks, features.numbers, features.bags))


def _probabilities(outputs: Floats) -> Floats:
    logits = np.clip(outputs[:, 0], -30, 30)
    return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


@cache
def _networks(name: str, folder: Path | None) -> tuple[Network, ...]:
    """Loaded once a process."""
    if folder is None or not (folder / name).exists():
        return shipped(name)
    with (folder / name).open("rb") as file:
        return read(file)
