from __future__ import annotations

import subprocess
import sys

import datasketch
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.index import shingles
from ingest.index.minhash import PERMUTATIONS, SEED, datasketch_of, signature_of
from ingest.index.normal import folded_paragraphs, plain, prose_of
from ingest.index.sketch import Overlap, Sketch, is_copy, overlap_of, sketch_of
from ingest.settings import NearCopies
from tests.index.contract import STORY, WORDS

any_text = st.text(alphabet=st.characters(exclude_categories=()))
texts = st.lists(
    st.sampled_from(["a", "It's", "C3", "ünder", "Ωmega", "漢字", "17", "—", "\n\n"]), max_size=40
)


def kept_of(packed: bytes) -> set[int]:
    return set(np.frombuffer(packed, "<u4").tolist())


@given(texts.map(" ".join), texts.map(" ".join))
def test_overlap_is_that_of_the_sets(one: str, other: str) -> None:
    left, right = sketch_of(one), sketch_of(other)
    measured = overlap_of(left, right)
    a, b = kept_of(left.shingles), kept_of(right.shingles)
    if a and b:
        assert measured.containment == len(a & b) / min(len(a), len(b))
        assert measured.jaccard == len(a & b) / len(a | b)
    else:
        assert measured == Overlap(0, 0, 0)


@given(any_text)
def test_every_text_has_a_sketch(text: str) -> None:
    made = sketch_of(text)
    assert made == sketch_of(text)
    for packed in (made.shingles, made.numbers):
        assert np.all(np.diff(np.frombuffer(packed, "<u4").astype(np.int64)) > 0)


@given(texts.map(" ".join))
def test_windows_are_those_of_the_letters(text: str) -> None:
    """What numpy does at once, one window after the other."""
    letters = plain(text).replace(" ", "")
    data = bytes(ord(letter) & 0xFF for letter in letters)
    expected = set()
    for n in range(len(data) - 7):
        value = int.from_bytes(data[n : n + 8], "little")
        value = value * 0x9E3779B97F4A7C15 % 2**64
        value = (value ^ value >> 32) * 0xBF58476D1CE4E5B9 % 2**64
        value ^= value >> 29
        if value % shingles.KEPT == 0:
            expected.add(value)
    assert set(shingles.character_hashes(plain(text)).tolist()) == expected


@given(texts.map(" ".join))
def test_the_signature_is_datasketchs_own(text: str) -> None:
    found = plain(" ".join(folded_paragraphs(text))).split()
    theirs = datasketch.MinHash(
        num_perm=PERMUTATIONS, seed=SEED, scheme="affine32", hashfunc=shingles.word_hash
    )
    theirs.update_batch([" ".join(found[n : n + 5]).encode() for n in range(len(found) - 4)])
    ours = signature_of(text)
    assert ours.tolist() == theirs.hashvalues.tolist()
    assert datasketch_of(text).jaccard(theirs) == 1


def test_slices_of_a_long_text_make_one_signature() -> None:
    found = [f"{n}" for n in range(2000)]
    theirs = datasketch.MinHash(scheme="affine32", hashfunc=shingles.word_hash)
    theirs.update_batch([" ".join(found[n : n + 5]).encode() for n in range(len(found) - 4)])
    assert signature_of(" ".join(found)).tolist() == theirs.hashvalues.tolist()


def test_a_sketch_is_the_same_in_every_process_and_release() -> None:
    code = (
        "import sys; from ingest.index.sketch import sketch_of as s; x = s(sys.argv[1]);"
        "print(x.exact[:8], x.size, x.shingles.hex()[:16], x.numbers.hex(), x.algorithm)"
    )
    outs = {
        subprocess.run(
            [sys.executable, "-c", code, f"{STORY} 1984 12"],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    # Stored sketches rest on this: where it changes, ALGORITHM must.
    assert outs == {"0f232a4d 176 cc859d014eb7b604 cd44534f89d64274 2\n"}


def test_the_list_of_common_shingles_is_frozen() -> None:
    cells = np.flatnonzero(shingles._common())
    assert (cells.size, int(cells.sum())) == (75870, 159033126316)
    phrase = shingles.character_hashes(plain("all rights reserved subscribe to our newsletter"))
    assert phrase.size > shingles.rare(phrase).size


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It’s a “test” – now", 'it\'s a "TEST" - now'),
        ("cafe\u0301 ﬁre", "café fire"),
        ("a\u00adb  c\u00a0d", "ab c d"),
    ],
)
def test_what_printing_changes_makes_no_difference(one: str, other: str) -> None:
    assert sketch_of(one) == sketch_of(other)


def test_prose_is_what_counts_where_there_is_some() -> None:
    prose = " ".join(WORDS[:20])
    assert prose_of(["menu", prose, "more"]) == prose
    assert prose_of(["one", "two"]) == "one two"
    assert prose_of(["漢" * 30, "菜單"]) == "漢" * 30


def test_numbers_count_where_both_texts_have_some() -> None:
    one = sketch_of(f"{STORY} 1 22 333 4444")
    assert overlap_of(one, sketch_of(f"{STORY} 22 333 5 6 77")).numbers == 0.5
    assert overlap_of(one, sketch_of(f"{STORY} 8 9 10")).numbers == 1
    settings = NearCopies(similarity=0.6, same_numbers=0.75, surely=0.9)
    assert [
        is_copy(Overlap(c, 1, n), settings) for c, n in ((0.5, 1), (0.6, 0.75), (0.8, 0.5), (0.9, 0))
    ] == [
        False,
        True,
        False,
        True,
    ]


def test_a_long_text_contains_its_part() -> None:
    text = " ".join(f"{word}{n}" for n in range(40) for word in WORDS)
    assert overlap_of(sketch_of(text), sketch_of(text[:5000])).containment == 1
    assert overlap_of(sketch_of(text), Sketch("", b"", b"")) == Overlap(0, 0, 0)
