"""What becomes of one dump: labels, stories."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import DirectoryPath, Field, field_validator

from ingest.settings.section import Section

WEIGHTS = ("labeller-html.npz", "labeller-flat.npz", "splitter.npz")


class Cleaning(Section):
    """Settings of the pure part; an argument of `ingest.clean`."""

    labeller: Literal["blocks", "trafilatura"] = Field(
        "blocks",
        description="Who decides what is body on HTML: ours, with trafilatura as witness where it doubts, or trafilatura's word alone.",
    )
    weights: DirectoryPath | None = Field(
        None,
        description="A folder with labeller-html.npz, labeller-flat.npz, splitter.npz or some of them, of a training of your own; else those shipped.",
    )
    body_at: float = Field(0.45, ge=0, le=1, description="From this score on a block of HTML is body.")
    flat_body_at: float = Field(
        0.5,
        ge=0,
        le=1,
        description="From this score on a line of flat text is body on every page; from less where a page leaves doubt.",
    )
    witness_from: float = Field(
        0.35,
        ge=0,
        description="trafilatura is asked where so large a share of the words kept is expected to be wrong; 0: always.",
    )
    witness_bytes: int = Field(
        5_000_000,
        gt=0,
        description="Pages with more mark-up than this are labelled without the witness, whose cost grows faster than the page.",
    )
    split_at: float = Field(
        0.75,
        ge=0,
        le=1,
        description="A further story is cut off where its score reaches this; with 1 none is.",
    )
    suspect_at: float = Field(
        0.3, ge=0, le=1, description="From this score on, a file that stays whole is marked possible_mixed."
    )

    @field_validator("weights")
    @classmethod
    def _has_some(cls, folder: Path | None) -> Path | None:
        if folder is not None and not any((folder / name).is_file() for name in WEIGHTS):
            raise ValueError(
                f"no {' and no '.join(WEIGHTS)} in {folder}: `python -m training.labeller` and `training.splitter` make them"
            )
        return folder
