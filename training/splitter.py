"""From a page set to the splitter: ingest/models/splitter.npz, splitter-words.npz and their card.

    pip install torch lxml
    python -m training.splitter PAGES [--each 130] [--keep FOLDER] [--check-only]

PAGES: a page set (`benchmarks/pageset.py`), of which mixed files are made (`benchmarks/mixes.py`), each of the sites of
one fold alone.  The first network is fitted without each half of the folds and scores it; on these held-out scores
the second learns to compare whole stories.  What is measured on a half comes from networks that never saw its sites;
those that are shipped are fitted to all.  With `--keep` each half's go to FOLDER/1 and FOLDER/2, for
`benchmarks/splitting.py --held-out FOLDER`.  Seeded: the same pages on the same machine give the same weights.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from benchmarks.pageset import FOLDS
from ingest.labellers.learned.features import Features
from ingest.labellers.learned.network import Network
from ingest.labellers.learned.scores import probabilities
from ingest.splitting.model import NETWORKS, WORDS
from ingest.splitting.vocabulary import WordWeights
from training.labelling.weights import save
from training.splitting.ablation import ablated
from training.splitting.card import card_of
from training.splitting.examples import Read, examples_of, word_weights
from training.splitting.network import fit_network
from training.splitting.scoring import Row, as_markdown, scored
from training.splitting.wholes import fit_wholes, key_of

MODELS = Path(__file__).parents[1] / "ingest" / "models"
SEED = 1
HALVES = 2  # of the folds; what is fitted to one half is measured on the other
ABLATED = 4  # of the first half every so many files, without each cue


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=Path)
    parser.add_argument("--each", type=int, default=130, help="mixed files of each level and fold")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="write down the networks of the halves too"
    )
    parser.add_argument("--check-only", action="store_true", help="cross-validate, and write nothing")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    torch.set_num_threads(1)  # the sums are small: threads would wait for each other
    words = word_weights(options.pages, range(FOLDS), FOLDS)
    reads = examples_of(options.pages, FOLDS, options.each, SEED, words, options.processes)
    print(f"{len(reads)} files, {sum(len(read.opens) for read in reads)} spans")
    halves = [[read for read in reads if read.fold % HALVES == half] for half in range(HALVES)]

    firsts: list[Network] = []
    scores: dict[str, np.ndarray] = {}
    for half, own in enumerate(halves):
        firsts.append(fit_network(halves[1 - half], say=True))
        scores |= first_scores(firsts[half], own)
    found: list[Row] = []
    cues: Mapping[str, Sequence[Row]] = {}
    for half, (first, own) in enumerate(zip(firsts, halves, strict=True)):
        wholes = fit_wholes(halves[1 - half], scores)
        found += scored(wholes, scores, own)
        if not half:
            cues = ablated(first, wholes, own[::ABLATED])
        if options.keep:
            others = [fold for fold in range(FOLDS) if fold % HALVES != half]
            keep(options.keep / str(half + 1), word_weights(options.pages, others, FOLDS), first, wholes)
    print(table := as_markdown(found))
    if not options.check_only:
        keep(MODELS, words, fit_network(reads, say=True), fit_wholes(reads, scores))
        card = card_of(reads, table, cues, words=len(words.known))
        (MODELS / "splitter.md").write_text(card, encoding="utf-8")


def first_scores(first: Network, reads: Sequence[Read]) -> dict[str, np.ndarray]:
    return {key_of(read): probabilities(first, Features(read.gaps.numbers, read.gaps.bags)) for read in reads}


def keep(folder: Path, words: WordWeights, first: Network, wholes: Network) -> None:
    """In the form that `ingest.splitting.model` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    save((first, wholes), folder / NETWORKS)
    np.savez_compressed(folder / WORDS, known=words.known, weights=words.weights.astype(np.float16))


if __name__ == "__main__":
    main()
