"""From a page set to the splitter: ingest/models/splitter.npz, splitter-words.npz and their card.

    pip install torch lxml
    python -m training.splitter PAGES [--each 520] [--keep FOLDER] [--check-only]

PAGES: a page set (`benchmarks/pageset.py`), of which mixed files are made (`benchmarks/mixes.py`), each of the sites of
one fold alone.  The first networks are fitted without each half of the folds and score other files of it; on these
held-out scores the second ones learn to compare whole stories.  What is known of words comes from other folds than a
file's own, too: a network that knew what the words of its own stories are about would trust them too much.  What is
measured on a half comes from networks and words that never saw its sites; those that are shipped are of all.  With
`--keep` each half's go to FOLDER/1 and FOLDER/2, for `benchmarks/splitting.py --held-out FOLDER`.  Seeded: the same pages
on the same machine give the same weights.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch

from benchmarks.pageset import FOLDS
from ingest.labellers.learned.features import Features
from ingest.labellers.learned.network import Network
from ingest.splitting.model import NETWORKS, WORDS, Splitter, first_scores
from training.labelling.weights import save
from training.splitting import network, wholes
from training.splitting.ablation import ablated
from training.splitting.card import card_of
from training.splitting.examples import File, Read, files_of, read_file
from training.splitting.lexicon import Told, lexicon_of, save_lexicon, told_words
from training.splitting.network import fit_networks
from training.splitting.scoring import Row, as_markdown, scored
from training.splitting.wholes import fit_wholes, key_of

MODELS = Path(__file__).parents[1] / "ingest" / "models"
SEED = 1
HALVES = 2  # of the folds; what is fitted to one half is measured on the other
MEASURED = 4  # of each half every so many files
ABLATED = 16  # of the first half every so many files, without each cue


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=Path)
    parser.add_argument("--each", type=int, default=520, help="mixed files of each level and fold")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="write down the networks of the halves too"
    )
    parser.add_argument("--check-only", action="store_true", help="cross-validate, and write nothing")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    torch.set_num_threads(1)  # the sums are small: threads would wait for each other
    fit_first = partial(fit_networks, processes=options.processes, say=True)
    fit_second = partial(fit_wholes, processes=options.processes)
    told = told_words(options.pages, FOLDS)
    files, others = (
        files_of(options.pages, FOLDS, options.each, seed, options.processes, short=kind.SHORT)
        for seed, kind in ((SEED, network), (SEED + 1, wholes))
    )
    print(f"{len(files)} files, {sum(len(file.opens) for file in files)} spans")
    folds = [[fold for fold in range(FOLDS) if fold % HALVES == half] for half in range(HALVES)]

    held_out: list[list[Read]] = []  # each half, as the words of the other half show it
    scores: dict[str, np.ndarray] = {}  # and as its network scores it
    firsts = []
    lexica = [lexicon_of(told, folds[1 - half]) for half in range(HALVES)]
    for half in range(HALVES):
        firsts.append(fit_first(cross_read(files, told, folds[1 - half])))
        held_out.append([read_file(lexica[half], file) for file in others if file.fold in folds[half]])
        scores |= scores_of(firsts[half], held_out[half])
    found: list[Row] = []
    cues: Mapping[str, Sequence[Row]] = {}
    for half, own in enumerate(held_out):
        model = Splitter(lexica[half], firsts[half], fit_second(held_out[1 - half], scores))
        found += scored(model.wholes, scores, own[::MEASURED])
        if not half:
            cues = ablated(model, own[::ABLATED])
        if options.keep:
            keep(options.keep / str(half + 1), model)
    print(table := as_markdown(found))
    if not options.check_only:
        second = fit_second([read for own in held_out for read in own], scores)
        del held_out, own  # some gigabytes
        every = range(FOLDS)
        first = fit_first(cross_read(files, told, every))
        lexicon = lexicon_of(told, every)
        keep(MODELS, Splitter(lexicon, first, second))
        card = card_of(files, table, cues, words=len(lexicon.known))
        (MODELS / "splitter.md").write_text(card, encoding="utf-8")


def cross_read(files: Iterable[File], told: Sequence[Told], folds: Sequence[int]) -> list[Read]:
    """Each file of these folds as the words of the other ones show it."""
    lexica = {fold: lexicon_of(told, [other for other in folds if other != fold]) for fold in folds}
    return [read_file(lexica[file.fold], file) for file in files if file.fold in lexica]


def scores_of(first: Sequence[Network], reads: Sequence[Read]) -> dict[str, np.ndarray]:
    return {key_of(read): first_scores(first, Features(read.gaps.numbers, read.gaps.bags)) for read in reads}


def keep(folder: Path, model: Splitter) -> None:
    """In the form that `ingest.splitting.model` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    save((*model.first, *model.wholes), folder / NETWORKS)
    save_lexicon(model.lexicon, folder / WORDS)


if __name__ == "__main__":
    main()
