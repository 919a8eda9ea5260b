"""What every near-copy index has to do: an adapter's test class inherits this and gives the `index` fixture."""

from __future__ import annotations

import hashlib
from itertools import count

import pytest

from ingest.index.protocol import Entry, NearCopyIndex, Verdict
from ingest.index.sketch import sketch_of


def word(n: int) -> str:
    """A word of seven letters that has nothing in common with others."""
    digest = hashlib.sha256(f"{n}".encode()).digest()[:7]
    return "".join("etaoinshrdlucmfwypvbgkjq"[byte % 24] for byte in digest)


WORDS = [word(n) for n in range(400)]
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
        assert add(index, "b", 'HE  SAID:\n"It’s so - at last."') == Verdict("exact-copy", "a", 1.0, "exact")

    def test_a_cut_copy_is_near_its_original_and_the_other_way_round(self, index: NearCopyIndex) -> None:
        add(index, "a", STORY)
        add(index, "b", " ".join(OTHER.split()[:50]))
        assert add(index, "c", " ".join(WORDS[:50])) == Verdict("near-copy", "a", 1.0, "contained")
        assert add(index, "d", OTHER) == Verdict("near-copy", "b", 1.0, "contained")

    def test_similarity_is_the_share_of_the_smaller_text(self, index: NearCopyIndex) -> None:
        add(index, "a", " ".join(WORDS[:150]))
        verdict = add(index, "b", " ".join([*WORDS[20:110], *WORDS[300:330]]))  # three quarters the first's
        assert (verdict.status, verdict.of) == ("near-copy", "a")
        assert verdict.similarity == pytest.approx(0.75, abs=0.05)  # measured on a quarter of the shingles

    def test_short_texts_match_exactly_or_not_at_all(self, index: NearCopyIndex) -> None:
        short = " ".join(WORDS[:10])
        add(index, "a", STORY)
        assert add(index, "b", short) == UNIQUE
        assert add(index, "c", short + " more") == UNIQUE
        assert add(index, "d", short) == Verdict("exact-copy", "b", 1.0, "exact")

    def test_reports_from_one_template_are_told_by_their_numbers(self, index: NearCopyIndex) -> None:
        def report(*numbers: int) -> str:
            return " ".join(
                f"{' '.join(WORDS[4 * n : 4 * n + 4])} {number}" for n, number in enumerate(numbers)
            )

        add(index, "monday", report(12, 7, 31, 60, 4, 18))
        assert add(index, "tuesday", report(17, 9, 29, 60, 11, 3) + " " + " ".join(WORDS[300:315])) == UNIQUE
        update = report(12, 7, 31, 60, 4, 18) + " " + " ".join(WORDS[320:335])
        assert add(index, "update", update).of == "monday"

    def test_short_lines_of_furniture_do_not_count(self, index: NearCopyIndex) -> None:
        furniture = "\n\n".join(" ".join(WORDS[n : n + 5]) for n in range(100, 200, 5))
        add(index, "a", f"{' '.join(WORDS[:60])}\n\n{furniture}")
        assert add(index, "b", f"{' '.join(WORDS[200:260])}\n\n{furniture}") == UNIQUE
        assert add(index, "c", " ".join(WORDS[:60])) == Verdict("near-copy", "a", 1.0, "near")

    def test_texts_without_words_copy_nothing(self, index: NearCopyIndex) -> None:
        assert [add(index, n, text) for n, text in (("a", ""), ("b", ""), ("c", "…"), ("d", "…"))] == [
            UNIQUE
        ] * 4

    def test_the_best_match_wins_and_of_equals_the_first(self, index: NearCopyIndex) -> None:
        add(index, "far", " ".join([*WORDS[:70], *WORDS[300:330]]))
        near = " ".join([*WORDS[:90], *WORDS[340:350]])
        add(index, "first", near)
        add(index, "second", f"{near} !")  # differs in nothing that is measured
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
        assert add(index, "c", STORY + " and more") == Verdict("exact-copy", "b", 1.0, "exact")

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
        assert add(index, "b", STORY) == Verdict("exact-copy", "a", 1.0, "exact")
        assert add(index, "c", OTHER) == UNIQUE  # the old text is forgotten

    def test_removed_documents_are_forgotten(self, index: NearCopyIndex) -> None:
        add(index, "a", STORY)
        add(index, "b", STORY)
        index.remove(["a", "unknown"])
        assert index.again(["b"]) == [UNIQUE]
        assert add(index, "a", STORY) == Verdict("exact-copy", "b", 1.0, "exact")  # it comes anew

    def test_scripts_without_blanks_have_words_too(self, index: NearCopyIndex) -> None:
        text = "".join(chr(0x4E00 + 37 * n * n % 20_000) for n in range(240))
        add(index, "a", text)
        assert add(index, "b", text[:160]) == Verdict("near-copy", "a", 1.0, "contained")
