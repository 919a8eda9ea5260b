"""Features of text, against what plain Python finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.labellers.learned.text import NAMES, TextFeatures, text_features
from ingest.stages.blocks_text import blocks_of_text
from ingest.vocabulary.words import words


def features_of(text: str, title: str | None = None, body: str | None = None) -> TextFeatures:
    page = blocks_of_text(text)
    return text_features(page.text, page.spans, title, body)


def column(found: TextFeatures, name: str) -> list[float]:
    return [float(value) for value in found.numbers[:, NAMES.index(name)]]


@given(st.lists(st.text(max_size=80), max_size=12).map("\n".join))
def test_any_text_has_finite_features_and_one_row_a_block(text: str) -> None:
    page = blocks_of_text(text)
    if page.spans:
        found = text_features(page.text, page.spans)
        assert found.numbers.shape == (len(page.spans), len(NAMES))
        assert np.isfinite(found.numbers).all()
        hashes, block = found.grams
        assert len(hashes) == len(block)
        assert set(block.tolist()) == set(found.words.block.tolist())


TEXTS = [
    "The council met on Tuesday.",
    "«Où est-il?» demanda-t-elle, l'air inquiet",
    "Öl, Straße & Größe — 3.200 km²",
    "東京で火災、けが人なし",
    "Москва́: 12-летний мальчик",
]


@pytest.mark.parametrize("text", TEXTS)
def test_words_are_counted_as_everywhere(text: str) -> None:
    plain = text.replace("'", " ")  # here an apostrophe parts words
    assert round(np.expm1(column(features_of(text), "words")[0])) == len(words(plain))


def test_shares_of_a_line() -> None:
    found = features_of("Mr Smith paid 20 Euros, then LEFT.")
    assert column(found, "capital_words") == [pytest.approx(4 / 7)]
    assert column(found, "digits") == [pytest.approx(2 / 34)]
    assert column(found, "commas") == [pytest.approx(1 / 7)]
    assert column(found, "ends_terminal") == [1]
    assert column(features_of("He said “stop!”"), "ends_terminal") == [1]
    assert column(features_of("Share:"), "ends_colon") == [1]


def test_repeated_lines_know_how_often_and_which_they_are() -> None:
    found = features_of("Read MORE\nThe council met.\nread more\nMore read\nRead more")
    assert column(found, "times_in_page") == pytest.approx(np.log([3, 1, 3, 1, 3]), abs=1e-6)
    assert column(found, "seen_before") == [0, 0, 1, 0, 2]
    assert column(found, "comes_again") == [2, 0, 1, 0, 0]


def test_what_the_page_declares_is_found_again() -> None:
    text = "Bridge to close\nThe bridge will close in May.\nMenu"
    found = features_of(text, "Bridge to close", "The bridge will close in May. Residents must wait.")
    assert column(found, "block_of_title") == pytest.approx([1, 2 / 3, 0], abs=1e-6)
    assert column(found, "declared") == [0, 1, 0]
    assert column(found, "declares") == [1, 1, 1]


def test_ends_of_a_line_are_told_from_its_middle() -> None:
    first, second = (set(features_of(text).grams[0].tolist()) for text in ("share this", "this share"))
    assert first & second  # the words
    assert first != second  # their order
