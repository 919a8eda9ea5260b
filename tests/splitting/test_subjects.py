"""What passages are about, by words whose subjects are known."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.labellers.learned.text import text_features
from ingest.splitting.subjects import Subjects, subjects_of
from ingest.splitting.vocabulary import Lexicon, columns_of, word_hashes
from ingest.stages.blocks_text import blocks_of_text

HARBOUR = ("harbour", "bridge", "ferry")
CHESS = ("chess", "knight", "bishop")


def lexicon() -> Lexicon:
    """Words of two subjects."""
    rows = []
    for place, words in enumerate((HARBOUR, CHESS)):
        page = blocks_of_text(" ".join(words))
        hashes, _ = word_hashes(text_features(page.text, page.spans).words)
        rows += [(value, np.eye(2, dtype=np.float32)[place]) for value in hashes.tolist()]
    rows.sort(key=lambda row: row[0])
    known = np.array([value for value, _ in rows], np.uint32)
    return Lexicon(known, np.full(len(known), 0.5, np.float32), np.stack([subject for _, subject in rows]))


def subjects(*lines: str) -> Subjects:
    page = blocks_of_text("\n\n".join(lines))
    n = len(page.spans)
    return subjects_of(columns_of(text_features(page.text, page.spans).words, lexicon()), np.arange(n), n)


def related(found: Subjects, start: int, gap: int, end: int) -> float:
    return float(found.related(np.array([[start], [gap]]), np.array([[gap], [end]]))[0])


def test_other_words_of_one_subject_are_related() -> None:
    found = subjects("the harbour again", "a ferry", "the bishop")
    assert related(found, 0, 1, 2) == pytest.approx(1)
    assert related(found, 0, 2, 3) == pytest.approx(0, abs=1e-6)


def test_a_word_counts_by_the_root_of_its_times() -> None:
    found = subjects("harbour harbour harbour harbour chess", "ferry")
    assert related(found, 0, 1, 2) == pytest.approx(2 / 5**0.5)


def test_of_unknown_words_nothing_is_said() -> None:
    found = subjects("harbour bridge", "quite something else")
    assert related(found, 0, 1, 2) == 0
    assert related(subjects("…", "1"), 0, 1, 2) == 0


def test_a_title_is_related_to_what_follows() -> None:
    found = subjects("the bridge over the harbour", "chess", "a knight and a bishop")
    before, behind = found.of_units(
        np.array([[0, 1], [0, 2], [0, 3]]),  # of each line, the texts before it and those behind it
        np.array([[0, 3], [1, 3], [2, 3]]),
    )[1]
    assert before < behind
