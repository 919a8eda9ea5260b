"""How likely each block of a page is body, as the shipped networks see it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from ingest.labellers.learned.features import Features, features_of
from ingest.labellers.learned.network import Network, read, shipped
from ingest.labellers.learned.text import Floats
from ingest.model import Page


def body_scores(page: Page, weights: Path | None = None) -> Floats:
    """(n,) probabilities for the n spans of a page, of HTML or of flat text.

    `weights`: the folder of a training's networks; those shipped where it is None or has none for such pages.
    """
    if not page.spans:
        return np.zeros(0, np.float32)
    features = features_of(page)
    networks = _networks("labeller-html.npz" if len(features.bags) > 1 else "labeller-flat.npz", weights)
    mean = np.mean([probabilities(network, features) for network in networks], axis=0)
    return np.asarray(mean, np.float32)


def probabilities(network: Network, features: Features) -> Floats:
    """(n,) of each block, as one network sees it."""
    logits = np.clip(network.outputs(features.numbers, features.bags)[:, 0], -30, 30)
    return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


@cache
def _networks(name: str, folder: Path | None) -> tuple[Network, ...]:
    """Loaded once a process."""
    if folder is None or not (folder / name).exists():
        return shipped(name)
    with (folder / name).open("rb") as file:
        return read(file)
