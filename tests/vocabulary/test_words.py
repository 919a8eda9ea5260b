"""Folding: the short ways give what the long ones give."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from ingest.vocabulary import words
from ingest.vocabulary.words import fold, squeeze


def squeezed_at_length(text: str) -> str:
    return " ".join(words._INVISIBLE.sub("", words._CONTROL.sub(" ", text)).split())


@given(st.text() | st.text(st.characters(max_codepoint=0x7F)))
def test_squeeze(text: str) -> None:
    assert squeeze(text) == squeezed_at_length(text)


@given(st.text() | st.text(st.characters(max_codepoint=0x7F)))
def test_fold(text: str) -> None:
    long_way = squeezed_at_length(unicodedata.normalize("NFKC", text)).casefold().translate(words._PLAIN)
    assert fold(text) == long_way
    assert fold(fold(text)) == fold(text) or not text.isascii()
