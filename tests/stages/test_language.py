"""Languages: named where the voters are sure, None where they are not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.stages.language import language_of

TEXTS = [
    ("The mayor said on Thursday that the bridge would stay closed until the spring.", "en"),
    ("Der Bürgermeister sagte am Donnerstag, dass die Brücke bis zum Frühjahr gesperrt bleibt.", "de"),
    ("Le maire a déclaré jeudi que le pont resterait fermé jusqu'au printemps.", "fr"),
    ("El alcalde dijo el jueves que el puente seguirá cerrado hasta la primavera.", "es"),
    ("Il sindaco ha detto giovedì che il ponte resterà chiuso fino alla primavera.", "it"),
    ("Burmistrz powiedział w czwartek, że most pozostanie zamknięty do wiosny.", "pl"),
    ("Belediye başkanı perşembe günü köprünün bahara kadar kapalı kalacağını söyledi.", "tr"),
    ("市長は木曜日、橋は春まで閉鎖されると述べた。", "ja"),
    ("시장은 목요일에 다리가 봄까지 폐쇄될 것이라고 말했다.", "ko"),
    ("قال رئيس البلدية يوم الخميس إن الجسر سيبقى مغلقا حتى الربيع.", "ar"),
]


@pytest.mark.parametrize(("text", "language"), TEXTS)
def test_names_the_language(text: str, language: str) -> None:
    found, confidence = language_of(text)
    assert found == language
    assert 0.5 < confidence <= 1


@pytest.mark.parametrize("text", ["", "   \n", "123 456", "…!?", "😀😀", "ok"])
def test_is_silent_without_letters(text: str) -> None:
    assert language_of(text) == (None, 0.0)


@pytest.mark.parametrize("text", ["xqzv bnrt plkj", "a" * 5000, "Karlo Benz Stadion"])
def test_does_not_guess(text: str) -> None:
    assert language_of(text)[0] is None


def test_line_breaks_and_capitals_make_no_difference() -> None:
    text = TEXTS[0][0]
    assert language_of(text.replace(" ", "\n"))[0] == "en"
    assert language_of(text.upper())[0] == "en"


def test_only_the_beginning_counts() -> None:
    assert language_of(TEXTS[0][0] * 20 + TEXTS[1][0] * 1000) == language_of(TEXTS[0][0] * 20)


def test_the_second_voter_gives_the_same_answer_every_time() -> None:
    short = ["Hotel am Park", "Radio Roma", "un test", "De oude man", "la casa"]
    assert len({tuple(map(language_of, short)) for _ in range(5)}) == 1


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_never_raises(text: str) -> None:
    language, confidence = language_of(text)
    assert language is None or len(language) == 2
    assert 0 <= confidence <= 1
