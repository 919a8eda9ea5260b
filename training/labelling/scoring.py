"""How well networks choose the words of pages that they were not fitted to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean

import numpy as np

from benchmarks.pageset import fold_of, groups, words
from ingest.labellers.learned.features import Features
from ingest.labellers.learned.network import Network
from ingest.labellers.learned.scores import probabilities
from training.labelling.examples import Example
from training.labelling.fitting import fit_members
from training.labelling.recipe import Recipe

Scores = tuple[float, float, float]  # word precision, recall, F1
Keep = Callable[[int, Sequence[Network]], None]
Kept = Callable[[Example, np.ndarray], Sequence[bool]]


def held_out(
    examples: Sequence[Example], recipe: Recipe, folds: int, only: Iterable[int], keep: Keep | None = None
) -> dict[int, np.ndarray]:
    """For each example of these folds the body scores of networks fitted without any page of its site.

    `keep` is given each fold's networks, by its number.
    """
    found: dict[int, np.ndarray] = {}
    for fold in only:
        networks = fit_members([e for e in examples if fold_of(e.entry.site, folds) != fold], recipe)
        if keep is not None:
            keep(fold, networks)
        rows = {
            i: np.mean([*probabilities(networks, Features(e.numbers, e.bags))], axis=0)
            for i, e in enumerate(examples)
            if fold_of(e.entry.site, folds) == fold
        }
        found |= rows
        mean = fmean(page_scores(examples[i], row >= 0.5)[2] for i, row in rows.items())
        print(f"  fold {fold + 1}: F1 {mean:.4f}", flush=True)
    return found


def page_scores(example: Example, kept: Sequence[bool]) -> Scores:
    have = Counter(word for text, k in zip(example.texts, kept, strict=True) if k for word in words(text))
    want = Counter(words(example.entry.gold))
    if not have or not want:
        return (float(have == want),) * 3
    same = sum((have & want).values())
    p, r = same / sum(have.values()), same / sum(want.values())
    return p, r, 2 * p * r / (p + r) if same else 0.0


def table(
    examples: Sequence[Example], scores: Mapping[int, np.ndarray], kept: Kept
) -> dict[str, dict[str, tuple[int, Scores]]]:
    """Means by style and group: {style: {group: (pages, (P, R, F1))}}.  `kept`: of an example, by its scores."""
    rows: dict[str, dict[str, list[Scores]]] = defaultdict(lambda: defaultdict(list))
    for i, row in scores.items():
        found = page_scores(examples[i], kept(examples[i], row))
        for group in groups(examples[i].entry):
            rows[examples[i].style][group].append(found)
    return {
        style: {
            group: (len(v), tuple(map(fmean, zip(*v, strict=True)))) for group, v in sorted(by_group.items())
        }  # type: ignore[misc]
        for style, by_group in rows.items()
    }


def as_markdown(found: Mapping[str, Mapping[str, tuple[int, Scores]]]) -> str:
    lines = ["| dumps | pages | n | P | R | F1 |", "|---|---|---|---|---|---|"]
    for style, by_group in found.items():
        for group, (n, (p, r, f1)) in by_group.items():
            lines.append(f"| {style} | {group} | {n} | {p:.4f} | {r:.4f} | {f1:.4f} |")
    return "\n".join(lines)
