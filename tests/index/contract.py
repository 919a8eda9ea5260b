"""What every near-copy index has to do: an adapter's test class inherits this and gives the `index` fixture."""

from __future__ import annotations

from itertools import count

from ingest.index.protocol import Entry, NearCopyIndex, Verdict
from ingest.index.sketch import sketch_of

WORDS = [f"word{n}" for n in range(400)]
STORY = " ".join(WORDS[:100])
OTHER = " ".join(WORDS[200:300])
UNIQUE = Verdict("unique")


_places = count(1)


def add(index: NearCopyIndex, document_id: str, text: str) -> Verdict:
    """At the next place in the order of arrival, where it is new."""
    return index.add([Entry(document_id, next(_places), sketch_of(text))]).verdicts[0]


class NearCopyIndexContract:
    def test_different_texts_are_unique(self, index: NearCopyIndex) -> None:
        assert [add(index, "a", STORY), add(index, "b", OTHER)] == [UNIQUE, UNIQUE]

    def test_case_space_and_quotes_make_no_difference(self, index: NearCopyIndex) -> None:
        add(index, "a", "He said: “It's so – at last.”")
        assert add(index, "b", 'HE  SAID:\n"It’s so - at last."') == Verdict("exact-copy", "a", 1.0)

    def test_a_cut_copy_is_near_its_original_and_the_other_way_round(self, index: NearCopyIndex) -> None:
        add(index, "a", STORY)
        add(index, "b", " ".join(OTHER.split()[:50]))
        assert add(index, "c", " ".join(WORDS[:50])) == Verdict("near-copy", "a", 1.0)
        assert add(index, "d", OTHER) == Verdict("near-copy", "b", 1.0)

    def test_similarity_is_the_share_of_the_smaller_text(self, index: NearCopyIndex) -> None:
        add(index, "a", " ".join(WORDS[:104]))  # 100 shingles
        verdict = add(
            index, "b", " ".join([*WORDS[20:84], *WORDS[300:320]])
        )  # 80, of which 60 are the first's
        assert verdict == Verdict("near-copy", "a", 60 / 80)

    def test_short_texts_match_exactly_or_not_at_all(self, index: NearCopyIndex) -> None:
        short = " ".join(WORDS[:20])
        add(index, "a", STORY)
        assert add(index, "b", short) == UNIQUE
        assert add(index, "c", short + " more") == UNIQUE
        assert add(index, "d", short) == Verdict("exact-copy", "b", 1.0)

    def test_texts_without_words_copy_nothing(self, index: NearCopyIndex) -> None:
        assert [add(index, n, text) for n, text in (("a", ""), ("b", ""), ("c", "…"), ("d", "…"))] == [
            UNIQUE
        ] * 4

    def test_the_best_match_wins_and_of_equals_the_first(self, index: NearCopyIndex) -> None:
        add(index, "far", " ".join([*WORDS[:70], *WORDS[300:330]]))
        add(index, "first", " ".join([*WORDS[:90], *WORDS[340:350]]))
        add(index, "second", " ".join([*WORDS[:90], *WORDS[350:360]]))
        assert add(index, "x", STORY).of == "first"

    def test_copies_are_indexed_too_and_nothing_is_linked_without_a_direct_look(
        self, index: NearCopyIndex
    ) -> None:
        add(index, "a", " ".join(WORDS[:100]))
        assert add(index, "b", " ".join(WORDS[25:125])).of == "a"
        assert add(index, "c", " ".join(WORDS[50:150])).of == "b"  # shares too little with a
        assert add(index, "d", " ".join(WORDS[100:200])) == UNIQUE

    def test_an_exact_copy_of_a_copy_is_linked_to_that_copy(self, index: NearCopyIndex) -> None:
        add(index, "a", STORY)
        add(index, "b", STORY + " and more")
        assert add(index, "c", STORY + " and more") == Verdict("exact-copy", "b", 1.0)

    def test_the_same_document_again_gets_the_same_verdict(self, index: NearCopyIndex) -> None:
        texts = {
            "a": STORY,
            "b": STORY,
            "c": STORY + " more",
            "d": OTHER,
            "e": "short",
            "f": "short",
            "g": "",
        }
        first = {name: add(index, name, text) for name, text in texts.items()}
        assert {name: add(index, name, text) for name, text in reversed(texts.items())} == dict(
            reversed(first.items())
        )
        assert index.again(list(texts)) == list(first.values())

    def test_a_changed_document_keeps_its_place(self, index: NearCopyIndex) -> None:
        add(index, "a", OTHER)
        add(index, "b", STORY)
        assert add(index, "a", STORY) == UNIQUE  # it was first
        assert add(index, "b", STORY) == Verdict("exact-copy", "a", 1.0)
        assert add(index, "c", OTHER) == UNIQUE  # the old text is forgotten

    def test_removed_documents_are_forgotten(self, index: NearCopyIndex) -> None:
        add(index, "a", STORY)
        add(index, "b", STORY)
        index.remove(["a", "unknown"])
        assert index.again(["b"]) == [UNIQUE]
        assert add(index, "a", STORY) == Verdict("exact-copy", "b", 1.0)  # it comes anew

    def test_scripts_without_blanks_have_words_too(self, index: NearCopyIndex) -> None:
        text = "".join(chr(0x4E00 + 7 * n) for n in range(120))
        add(index, "a", text)
        assert add(index, "b", text[:80]) == Verdict("near-copy", "a", 1.0)
