"""The scorer's definitions on cases small enough to count by hand."""

from __future__ import annotations

from math import isnan

import pytest

from benchmarks.pageset import Page, groups, words
from benchmarks.scores import Gold, means


def page(gold: str, **fields: object) -> Page:
    return Page(
        id="1", source="wcxb", site="a.example", page_type="article", language="en", gold=gold, **fields
    )  # type: ignore[arg-type]


def test_words_are_nfkc_without_invisible_marks_and_one_a_character_without_spaces() -> None:
    assert words("Ｆｕｌｌ so\u00adft, don’t 東京") == ["full", "soft", "don", "t", "東", "京"]
    assert words("Case", lower=False) == ["Case"]


def test_words_count_as_often_as_they_stand_there() -> None:
    score = Gold(page("a b b c")).score("B b b x")
    assert (score.precision, score.recall, score.f1) == (0.5, 0.5, 0.5)


def test_four_grams_keep_case_and_short_texts_are_one_gram() -> None:
    score = Gold(page("a b c d e")).score("a b c d E")
    assert (score.gram_precision, score.gram_recall) == (0.5, 0.5)
    assert Gold(page("a b")).score("a b").gram_precision == 1.0


def test_paragraphs_agree_as_wholes_whatever_their_punctuation() -> None:
    assert Gold(page("One line.\nAnother one")).score("one   line\n\nAnother").paragraphs == 0.5


def test_snippets() -> None:
    gold = Gold(page("x", required=("Must be.", "not there"), forbidden=("captcha",)))
    score = gold.score("this MUST be here")
    assert (score.required, score.forbidden) == (0.5, 0.0)
    assert Gold(page("x")).score("x").required is None


def test_nothing_for_nothing_is_right_and_something_for_nothing_is_not() -> None:
    assert Gold(page("")).score("").f1 == 1.0
    assert Gold(page("")).score("word").f1 == 0.0
    assert Gold(page("word")).score("").f1 == 0.0


def test_an_optional_paragraph_may_be_kept_or_not() -> None:
    gold = Gold(page("Body of it.\n\nAn  optional end.", optional=("An optional end.",)))
    assert gold.score("Body of it.").f1 == gold.score("Body of it. An optional end.").f1 == 1.0


def test_means_are_over_pages_and_the_grams_f1_is_of_means() -> None:
    one, two = Gold(page("a b c d")).score("a b c d"), Gold(page("a b c d")).score("")
    mean = means([one, two])
    assert (mean.pages, mean.f1) == (2, 0.5)
    assert mean.grams == pytest.approx(2 * 1.0 * 0.5 / 1.5)  # no precision where nothing was kept
    assert isnan(mean.required)


def test_groups() -> None:
    assert groups(page("")) == ["all", "source wcxb", "type article", "wcxb article"]
    japanese = Page(id="1", source="fundus", site="a.example", page_type="article", language="ja", gold="")
    assert groups(japanese)[-1] == "fundus other languages"
