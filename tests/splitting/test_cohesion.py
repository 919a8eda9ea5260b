"""What two sides of a gap have in common, against sums worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.labellers.learned.text import Floats, text_features
from ingest.splitting.cohesion import MEASURES, WIDTHS, Cohesion, cohesion_of, gap_measures
from ingest.splitting.vocabulary import Lexicon, columns_of
from ingest.stages.blocks_text import blocks_of_text

NOTHING_KNOWN = Lexicon(np.zeros(0, np.uint32), np.zeros(0, np.float32), np.zeros((0, 4), np.float32))


def cohesion(text: str) -> Cohesion:
    page = blocks_of_text(text.replace("\n", "\n\n"))  # a line a text: not rejoined
    n = len(page.spans)
    words = text_features(page.text, page.spans).words
    return cohesion_of(columns_of(words, NOTHING_KNOWN), np.arange(n), words.count, n)[0]


def measures(found: Cohesion) -> Floats:
    return gap_measures(found, found.windows())


def measure(found: Cohesion, start: int, gap: int, end: int) -> dict[str, float]:
    (row,) = found.compare(*(np.array([i]) for i in (start, gap, end)))
    return dict(zip(MEASURES, row.tolist(), strict=True))


def test_shares_and_cosines_of_words_of_equal_weight() -> None:
    found = measure(cohesion("harbour bridge ferry\nharbour market"), 0, 1, 2)
    assert found["alike"] == pytest.approx(1 / (3 * 2) ** 0.5, rel=1e-4)
    assert found["retold"] == pytest.approx(1 / 2, rel=1e-4)
    assert found["known"] == pytest.approx(1 / 3, rel=1e-4)


def test_names_are_words_that_open_with_a_capital_inside_sentences() -> None:
    found = measure(cohesion("the mayor Petrova spoke\nagain Petrova spoke"), 0, 1, 2)
    assert found["names_retold"] == pytest.approx(1, rel=1e-4)
    assert measure(cohesion("the mayor spoke\nagain the mayor spoke"), 0, 1, 2)["names_retold"] == 0


def test_forms_of_a_word_are_one() -> None:
    assert measure(cohesion("government spending\nthe governments"), 0, 1, 2)["retold"] > 0.5


def test_scripts_without_blanks_are_read_by_pairs() -> None:
    found = measure(cohesion("東京都知事\n東京都庁"), 0, 1, 2)
    assert 0 < found["retold"] < 1


def test_other_words_are_further_apart() -> None:
    one = "the harbour bridge was closed for repairs by the harbour office near the bridge\n" * 4
    two = "chess players moved their knights before the tournament while players of chess watched\n" * 4
    same, other = cohesion(one + one), cohesion(one + two)
    assert measure(other, 0, 4, 8)["apart"] > 0 > measure(same, 0, 4, 8)["apart"]
    assert measure(other, 0, 4, 8)["apart_rate"] > measure(same, 0, 4, 8)["apart_rate"]


def test_a_boundary_stands_out_at_every_width() -> None:
    one = "the harbour bridge was closed for repairs by the harbour office near the bridge\n" * 6
    two = "chess players moved their knights before the tournament while players of chess watched\n" * 6
    found = measures(cohesion(one + two)).reshape(13, len(WIDTHS), 2, len(MEASURES))
    assert (found[1:-1, :, 0, 0].argmin(0) == 5).all()
    assert (found[6, :, 1, 0] < -1).all()  # in deviations of the page


@pytest.mark.parametrize("text", ["one", "1 2 3", "a\nb", "…\n…\n…"])
def test_pages_with_nothing_to_compare(text: str) -> None:
    assert np.isfinite(measures(cohesion(text))).all()


def test_work_in_parts_is_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    found = cohesion("harbour bridge ferry\nharbour market\nbridge market\nferry harbour")
    whole = measures(found)
    monkeypatch.setattr("ingest.splitting.cohesion.ROOM", 3)
    assert np.array_equal(whole, measures(found))
