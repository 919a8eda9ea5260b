"""From a page set to the labeller's weights: ingest/models/labeller-html.npz and labeller-flat.npz, with their card.

    pip install torch lxml
    python -m training.labeller PAGES [--only html|flat] [--folds 4] [--check-only] [--keep FOLDER] [--limit N]

PAGES: a page set (`benchmarks/pageset.py`).  First a cross-validation with whole sites held out, whose scores go
into the card; then the networks are fitted to all pages.  Seeded: the same pages on the same machine give the same
weights.  One core at work; `--processes` are for reading the pages.  With `--keep` the networks of each fold are
written to FOLDER/1, FOLDER/2 …, for `benchmarks/cleaning.py --held-out FOLDER`.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import torch

from benchmarks.pageset import FOLDS
from ingest.labellers.cut import best_cut
from ingest.labellers.learned.network import Network
from training.labelling.card import card_of
from training.labelling.dumps import FLAT_STYLES
from training.labelling.examples import HTML_STYLE, Example, examples_of
from training.labelling.fitting import fit_members
from training.labelling.recipe import Recipe
from training.labelling.scoring import as_markdown, held_out, table
from training.labelling.weights import save

MODELS = Path(__file__).parents[1] / "ingest" / "models"

# Chosen by cross-validation: ingest/DECISIONS.md.
RECIPES = {
    "html": Recipe(
        width=96, sites=(15, 10, 10), forget_token=0.35, forget_bag=0.3, dropout=0.25, news=3.0, rate=2e-3
    ),
    "flat": Recipe(
        width=96,
        distances=(1, 2, 4, 8, 16, 32),
        overview=True,
        sites=(20,),
        forget_token=0.35,
        forget_bag=0.25,
        dropout=0.25,
        news=3.0,
        rate=2e-3,
        epochs=6,
        members=1,
    ),
}
STYLES = {"html": (HTML_STYLE,), "flat": FLAT_STYLES}
BODY_AT = {"html": 0.45, "flat": 0.5}  # as the settings have it


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=Path)
    parser.add_argument("--only", choices=sorted(RECIPES))
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--first-folds", type=int, help="check on so many of the folds only")
    parser.add_argument("--limit", type=int, help="so many pages, spread over the set")
    parser.add_argument("--check-only", action="store_true", help="cross-validate, and write nothing")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="write down the networks of the folds too"
    )
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    torch.set_num_threads(1)  # the sums are small: threads would wait for each other
    for kind in [options.only] if options.only else sorted(RECIPES):
        recipe = RECIPES[kind]
        print(f"{kind}: {asdict(recipe)}")
        examples = examples_of(options.pages, STYLES[kind], options.limit, options.processes)
        print(f"  {len(examples)} pages, {sum(len(e.target) for e in examples)} blocks")
        folds = range(options.first_folds or options.folds)
        keep = partial(keep_fold, options.keep, kind) if options.keep else None
        scores = held_out(examples, recipe, options.folds, only=folds, keep=keep)
        found = table(examples, scores, partial(kept, kind))
        print(as_markdown(found))
        if not options.check_only:
            save(fit_members(examples, recipe, say=True), MODELS / f"labeller-{kind}.npz")
            card = card_of(kind, recipe, examples, found, folds=(len(folds), options.folds))
            (MODELS / f"labeller-{kind}.md").write_text(card, encoding="utf-8")


def kept(kind: str, example: Example, scores: np.ndarray) -> Sequence[bool]:
    """The blocks that the labeller would keep by these scores alone."""
    at = BODY_AT[kind]
    found: Sequence[bool] = scores >= (best_cut(scores, example.words, at) if kind == "flat" else at)
    return found


def keep_fold(folder: Path, kind: str, fold: int, networks: Sequence[Network]) -> None:
    """Where `benchmarks/cleaning.py --held-out` looks for them."""
    file = folder / str(fold + 1) / f"labeller-{kind}.npz"
    file.parent.mkdir(parents=True, exist_ok=True)
    save(networks, file)


if __name__ == "__main__":
    main()
