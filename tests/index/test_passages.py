from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.index.passages import Passage, shared_passages, word_count


def test_passages_are_found_whatever_their_case_and_punctuation() -> None:
    text = "New head. The old bridge, closed since May, opens on Monday. Nothing else is known of it now."
    other = "THE OLD BRIDGE – closed since May – opens on Monday! So it was said."
    assert shared_passages(text, other) == [Passage(10, 59, 9)]
    assert text[10:59] == "The old bridge, closed since May, opens on Monday"


def test_each_passage_stands_alone() -> None:
    text = "one two three four five and six seven eight nine ten"
    other = "six seven eight nine ten or one two three four five"
    assert [passage.words for passage in shared_passages(text, other)] == [5, 5]


words = st.lists(st.sampled_from("ab"), max_size=30).map(" ".join)


@given(words, words)
def test_passages_are_in_the_other_text_and_do_not_overlap(text: str, other: str) -> None:
    end = -1
    for passage in shared_passages(text, other):
        assert passage.start > end
        end = passage.end
        inside = text[passage.start : passage.end].split()
        assert len(inside) == passage.words
        fives = [n for n in range(len(inside) - 4) if " ".join(inside[n : n + 5]) in other]
        assert {n + k for n in fives for k in range(5)} == set(range(len(inside)))


@given(words)
def test_a_text_of_five_words_shares_all_with_itself(text: str) -> None:
    whole = [Passage(0, len(text), word_count(text))] if word_count(text) >= 5 else []
    assert shared_passages(text, text) == whole
