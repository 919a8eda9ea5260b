"""Where to cut a page: from which score on its lines are kept, so that the word F1 to be expected is highest.

The best cut is half of the F1 that it reaches (Lipton, Elkan and Naryanaswamy, 2014: "Optimal thresholding of
classifiers to maximize F1 measure"): high on a page whose lines are told apart with ease, low on one that leaves doubt.
"""

from __future__ import annotations

import numpy as np

from ingest.labellers.learned.text import Floats

SURENESS = 0.7  # of the networks' odds the power that is believed: fitted to F1, they say 0 or 1 too soon
LEAST = 0.05  # no line with a lower score is kept anywhere


def best_cut(scores: Floats, sizes: Floats, at_most: float) -> float:
    """The lowest score to keep of lines with these scores, of so many words; never above `at_most`."""
    order = np.argsort(-scores, kind="stable")
    ranked = np.clip(scores[order].astype(np.float64), 1e-6, 1 - 1e-6)
    believed = 1 / (1 + (1 / ranked - 1) ** SURENESS)
    words = sizes[order]
    right = np.cumsum(words * believed)
    if not len(right) or not right[-1]:
        return at_most
    expected = 2 * right / (np.cumsum(words) + right[-1])
    return min(max(float(scores[order[expected.argmax()]]), LEAST), at_most)
