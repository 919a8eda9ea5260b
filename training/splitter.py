"""Fit the splitter's weights on mixed files with known boundaries.

    python training/splitter.py FIT.jsonl [CHECK.jsonl]

A file holds one object a line: "lines" (list of str), "bounds" (indices of the lines that open a
further story; empty for a single story) and "level" (a name to report by).  Logistic regression by
Newton's method with a ridge of 1; prints BIAS and WEIGHTS for ingest/stages/split.py and, for
CHECK, how many boundaries are found and how many other gaps are cut at some thresholds.  Keep the
sites of CHECK apart from those of FIT.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from ingest.labellers.flat import label_flat
from ingest.settings import Cleaning
from ingest.stages.blocks_text import blocks_of_text
from ingest.stages.split import TEXT_KINDS, candidates, cues_at

LEVELS = ("head", "nearh", "raw", "neg_head", "neg_raw", "neg_live")
PER_LEVEL = 240  # files of each level, so that none outweighs the others
THRESHOLDS = (0.5, 0.7, 0.8, 0.9)


def gaps(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(cues of each candidate gap, whether a story opens there, level) of a file of mixed files."""
    taken: dict[str, int] = defaultdict(int)
    cues, opens, levels = [], [], []
    for row in map(json.loads, path.open(encoding="utf-8")):
        if row["level"] not in LEVELS or taken[row["level"]] >= PER_LEVEL:
            continue
        taken[row["level"]] += 1
        page = blocks_of_text("\n".join(row["lines"]))
        labels = label_flat(page, body_at=Cleaning().flat_body_at)
        offsets = np.cumsum([0] + [len(line) + 1 for line in row["lines"]])
        starts = {int(offsets[b]) for b in row["bounds"]}
        texts = [i for i, label in enumerate(labels) if label.kind in TEXT_KINDS]
        for headlines, before, after in candidates(page, labels, texts):
            cues.append(cues_at(page, labels, headlines, before, after).values())
            opens.append(any(page.spans[i].start in starts for i in headlines))
            levels.append(row["level"])
    return np.array(cues), np.array(opens, float), np.array(levels)


def fit(cues: np.ndarray, opens: np.ndarray, ridge: float = 1.0, steps: int = 50) -> np.ndarray:
    """Weights, the bias first."""
    x = np.column_stack([np.ones(len(cues)), cues])
    penalty = ridge * np.diag([0.0] + [1.0] * cues.shape[1])
    w = np.zeros(x.shape[1])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-x @ w))
        gradient = x.T @ (p - opens) + penalty @ w
        w -= np.linalg.solve(x.T @ (x * (p * (1 - p))[:, None]) + penalty, gradient)
    return w


def main(paths: list[str]) -> None:
    cues, opens, _ = gaps(Path(paths[0]))
    w = fit(cues, opens)
    print(f"BIAS = {w[0]:.2f}\nWEIGHTS = ({', '.join(f'{v:.2f}' for v in w[1:])})")
    for path in paths[1:]:
        cues, opens, levels = gaps(Path(path))
        score = 1 / (1 + np.exp(-(w[0] + cues @ w[1:])))
        print(
            f"{'level':10}{'bounds':>8}{'others':>8}"
            + "".join(f"{f'found@{t}':>12}{'cut':>8}" for t in THRESHOLDS)
        )
        for level in LEVELS:
            yes, no = (score[(levels == level) & (opens == o)] for o in (1, 0))
            shares = "".join(
                f"{np.mean(yes >= t) if len(yes) else np.nan:12.3f}{np.mean(no >= t) if len(no) else np.nan:8.4f}"
                for t in THRESHOLDS
            )
            print(f"{level:10}{len(yes):8}{len(no):8}{shares}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
