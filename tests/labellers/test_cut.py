"""The cut of a page is the best of all that could be made, by its own measure."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.labellers.cut import LEAST, SURENESS, best_cut

SCORE = st.floats(0, 1, width=32)
LINES = st.lists(st.tuples(SCORE, st.integers(0, 60)), min_size=1, max_size=30)


def cut_of(lines: list[tuple[float, int]], at_most: float = 1) -> float:
    scores, sizes = np.array(lines, np.float32).T
    return best_cut(scores, sizes, at_most)


def expected_f1(lines: list[tuple[float, int]], cut: float) -> float:
    believed = [1 / (1 + (1 / min(max(score, 1e-6), 1 - 1e-6) - 1) ** SURENESS) for score, _ in lines]
    right = [of * size for of, (_, size) in zip(believed, lines, strict=True)]
    kept = [i for i, (score, _) in enumerate(lines) if score >= cut]
    return 2 * sum(right[i] for i in kept) / ((sum(lines[i][1] for i in kept) + sum(right)) or 1)


@given(LINES)
def test_no_other_cut_is_better(lines: list[tuple[float, int]]) -> None:
    best = cut_of(lines)
    if best > LEAST:
        assert expected_f1(lines, best) >= max(expected_f1(lines, score) for score, _ in lines) - 1e-5


@given(LINES, st.floats(0, 1))
def test_what_scores_enough_stays_on_every_page(lines: list[tuple[float, int]], at_most: float) -> None:
    assert cut_of(lines, at_most) <= at_most


def test_doubt_lowers_the_cut() -> None:
    plain = [(0.95, 30)] * 10 + [(0.3, 30), (0.01, 30)]
    doubtful = [(0.35, 30)] * 10 + [(0.3, 30), (0.01, 30)]
    assert cut_of(plain) > 0.31 > cut_of(doubtful) > 0.01


def test_a_page_without_words_is_cut_where_it_may_be() -> None:
    assert cut_of([(0.4, 0)], 0.15) == 0.15
    assert best_cut(np.zeros(0, np.float32), np.zeros(0, np.float32), 0.15) == 0.15
