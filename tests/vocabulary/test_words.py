"""Folding: the short ways give what the long ones give."""

from __future__ import annotations

import re
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
    long_way = squeezed_at_length(unicodedata.normalize("NFKC", text)).casefold()
    long_way = "".join(words._PLAIN.get(c, c) for c in long_way)
    assert fold(text) == long_way
    assert fold(fold(text)) == fold(text) or not text.isascii()


@given(st.text(st.characters(max_codepoint=0x7F)) | st.text(st.sampled_from("a B1_'’-ไ漢")))
def test_words(text: str) -> None:
    assert words.words(text) == words._WORD.findall(text)
    assert words.is_spaceless(text) == (len(re.findall(f"[{words.SPACELESS}]", text)) * 2 > len(text))
