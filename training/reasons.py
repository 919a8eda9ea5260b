"""From a page set to the network that says why a line of flat text is furniture: ingest/models/reasons-flat.npz, with its card.

    pip install torch lxml
    python -m training.reasons PAGES [--folds 4] [--check-only] [--limit N]

PAGES: a page set (`benchmarks/pageset.py`).  Nobody wrote down why lines are furniture; the mark-up of the same pages
tells it by its class names (`ingest.labellers.dom`), for the blocks that are no body.  So the network learns to say
without mark-up what the mark-up said.  First a cross-validation with whole sites held out, then the fit to all pages.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from benchmarks.pageset import FOLDS, fold_of
from ingest.labellers.learned.network import Network
from ingest.labellers.learned.scores import REASONS
from training.labelling.examples import Example
from training.labelling.fitting import fit_members
from training.labelling.reasons import reason_examples
from training.labelling.recipe import Recipe
from training.labelling.weights import save

MODELS = Path(__file__).parents[1] / "ingest" / "models"
RECIPE = Recipe(
    outputs=len(REASONS),
    width=32,
    distances=(1, 2, 4, 8),
    sites=(20,),
    epochs=8,
    forget_token=0.3,
    dropout=0.2,
    members=1,
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=Path)
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--limit", type=int, help="so many pages, spread over the set")
    parser.add_argument("--check-only", action="store_true", help="cross-validate, and write nothing")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    examples = reason_examples(options.pages, options.limit, options.processes)
    print(f"{len(examples)} pages, {sum(int((e.sureness > 0).sum()) for e in examples)} lines of furniture")
    pairs: Counter[tuple[str, str]] = Counter()
    for fold in range(options.folds):
        (network,) = fit_members(
            [e for e in examples if fold_of(e.entry.site, options.folds) != fold], RECIPE
        )
        for example in examples:
            if fold_of(example.entry.site, options.folds) == fold:
                pairs.update(answers(network, example))
    found = table(pairs)
    print(found)
    if not options.check_only:
        save(fit_members(examples, RECIPE, say=True), MODELS / "reasons-flat.npz")
        (MODELS / "reasons-flat.md").write_text(card(examples, options.folds, found), encoding="utf-8")


def answers(network: Network, example: Example) -> list[tuple[str, str]]:
    """(what the mark-up says, what the network says) of each line of furniture."""
    said = network.outputs(example.numbers, example.bags).argmax(axis=1)
    return [
        (REASONS[int(example.target[i])], REASONS[int(said[i])]) for i in np.flatnonzero(example.sureness > 0)
    ]


def table(pairs: Counter[tuple[str, str]]) -> str:
    """By reason how often the two agree, in Markdown."""
    lines = ["| reason | lines | precision | recall |", "|---|---|---|---|"]
    for reason in REASONS:
        true = sum(n for (told, _), n in pairs.items() if told == reason)
        said = sum(n for (_, answer), n in pairs.items() if answer == reason)
        both = pairs[reason, reason]
        lines.append(f"| {reason} | {true} | {both / max(1, said):.3f} | {both / max(1, true):.3f} |")
    agreed = sum(n for (told, answer), n in pairs.items() if told == answer)
    lines.append(f"| all | {pairs.total()} | {agreed / pairs.total():.3f} | {agreed / pairs.total():.3f} |")
    return "\n".join(lines)


def card(examples: list[Example], folds: int, found: str) -> str:
    return f"""# reasons-flat

Says why a line of a flat text dump is furniture, where no rule is certain: {", ".join(REASONS)}. It does not say
whether it is: `labeller-flat` does. Fitted by `python -m training.reasons PAGES`.

## Data

{len(examples)} pages of {len({e.entry.site for e in examples})} sites, the same as for `labeller-flat`, which names the sources
and licences. The reasons to learn are those that the class names and elements of the same pages' mark-up give.
The weights hold no text: hashes of words that stood on at least {RECIPE.sites[0]} sites, and numbers.

## Agreement with the mark-up

Lines of pages that were held out with their whole sites ({folds} folds):

{found}

## Known failures

- The mark-up's class names are no gold: what stands in a header or footer is navigation there, whatever it says.
- Advertisements and teasers of other stories often look like each other, and like menus, once the mark-up is gone.
- Languages that few pages show are read by numbers, hardly by words.
"""


if __name__ == "__main__":
    main()
