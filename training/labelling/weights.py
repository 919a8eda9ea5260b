"""Networks written down, in the form that `ingest.labellers.learned.network` reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from ingest.labellers.learned.network import Network


def save(networks: Sequence[Network], file: Path | IO[bytes]) -> None:
    """Vectors are kept in half precision: they are most of the file."""
    arrays: dict[str, npt.NDArray[np.generic]] = {"networks": np.array(len(networks))}
    for number, network in enumerate(networks):
        arrays |= {f"{number}.{key}": value for key, value in _arrays(network).items()}
    np.savez_compressed(file, **arrays)


def _arrays(network: Network) -> dict[str, npt.NDArray[np.generic]]:
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "mean": network.mean,
        "scale": network.scale,
        "bags": np.array(len(network.vocabularies)),
        "distances": np.array([distance for distance, _, _ in network.layers]),
    }
    for i, vocabulary in enumerate(network.vocabularies):
        arrays[f"known.{i}"] = vocabulary.known
        arrays[f"vectors.{i}"] = vocabulary.vectors.astype(np.float16)
    for name in ("entry", "summary", "middle", "outcome"):
        arrays[f"{name}.weight"], arrays[f"{name}.bias"] = getattr(network, name)
    if network.overview is not None:
        arrays["guess.weight"], arrays["guess.bias"] = network.overview.guess
        arrays["overview.weight"], arrays["overview.bias"] = network.overview.summary
    for i, (_, weights, bias) in enumerate(network.layers):
        arrays[f"layer.{i}.weight"], arrays[f"layer.{i}.bias"] = weights, bias
    return arrays
