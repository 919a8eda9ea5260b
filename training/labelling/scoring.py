"""How well networks choose the words of pages that they were not fitted to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean

import numpy as np

from benchmarks.pageset import groups, words
from ingest.labellers.learned.network import Network
from training.labelling.examples import Example, fold_of
from training.labelling.fitting import Recipe, fit

Scores = tuple[float, float, float]  # word precision, recall, F1


def held_out(
    examples: Sequence[Example],
    recipe: Recipe,
    folds: int,
    members: int,
    only: Iterable[int] | None = None,
    say: Callable[[str], None] = print,
) -> dict[int, np.ndarray]:
    """For each example the mean body score of networks fitted without any page of its site."""
    found: dict[int, np.ndarray] = {}
    for fold in only if only is not None else range(folds):
        inside = [e for e in examples if fold_of(e.entry.site, folds) != fold]
        networks = [fit(inside, replace(recipe, seed=recipe.seed + n)) for n in range(members)]
        rows = {
            i: scores_of(networks, e) for i, e in enumerate(examples) if fold_of(e.entry.site, folds) == fold
        }
        found |= rows
        say(
            f"  fold {fold + 1}: F1 {fmean(page_scores(examples[i], row >= 0.5)[2] for i, row in rows.items()):.4f}"
        )
    return found


def scores_of(networks: Sequence[Network], example: Example) -> np.ndarray:
    """The mean probability that each block is body."""
    logits = [network.outputs(example.numbers, example.bags)[:, 0] for network in networks]
    return np.mean([1 / (1 + np.exp(-logit)) for logit in logits], axis=0)


def page_scores(example: Example, kept: Sequence[bool]) -> Scores:
    have = Counter(word for text, k in zip(example.texts, kept, strict=True) if k for word in words(text))
    want = Counter(words(example.entry.gold))
    if not have or not want:
        return (float(have == want),) * 3
    same = sum((have & want).values())
    p, r = same / sum(have.values()), same / sum(want.values())
    return p, r, 2 * p * r / (p + r) if same else 0.0


def table(
    examples: Sequence[Example], scores: Mapping[int, np.ndarray], body_at: float
) -> dict[str, dict[str, tuple[int, Scores]]]:
    """Means by style and group: {style: {group: (pages, (P, R, F1))}}."""
    rows: dict[str, dict[str, list[Scores]]] = defaultdict(lambda: defaultdict(list))
    for i, row in scores.items():
        found = page_scores(examples[i], row >= body_at)
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
