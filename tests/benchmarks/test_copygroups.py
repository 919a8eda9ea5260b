"""The groups of the benchmark: along links, and by the share of pairs that are copies; and how they are counted."""

from __future__ import annotations

import pytest

from benchmarks.copygroups import by_links, by_pairs, quality_of
from benchmarks.copypairs import Document, Pair, contenders

DOCUMENTS = [
    Document(f"d{n}", cluster, kind, "")
    for n, (cluster, kind) in enumerate(
        [
            ("a", "original"),
            ("a", "cut"),
            ("a", "cut"),
            ("b", "original"),
            ("b", "cut"),
            ("c", "neg_template"),
        ]
    )
]


def test_a_chain_of_links_is_one_group() -> None:
    assert by_links(DOCUMENTS, {"d1": "d0", "d2": "d1", "d4": "d3"}) == ["d0", "d0", "d0", "d3", "d3", "d5"]


def test_one_pair_between_two_groups_does_not_merge_them() -> None:
    strong = [Pair((0.9,), later, earlier) for later, earlier in ((1, 0), (2, 0), (2, 1), (4, 3))]
    stray = Pair((0.7,), 3, 2)
    assert by_pairs(DOCUMENTS, [stray, *strong]) == ["d0", "d0", "d0", "d3", "d3", "d5"]
    # Half of the six pairs between them do.
    more = [Pair((0.7,), 4, 2), Pair((0.7,), 4, 1)]
    assert by_pairs(DOCUMENTS, [stray, *strong, *more]) == ["d0"] * 5 + ["d5"]


def test_quality_counts_pairs_and_copies_beside_their_originals() -> None:
    right = quality_of(DOCUMENTS, ["d0", "d0", "d0", "d3", "d3", "d5"])
    assert (right.precision, right.recall, right.found) == (1.0, 1.0, {"cut": 1.0})
    wrong = quality_of(DOCUMENTS, ["d0", "d0", "d2", "d3", "d4", "d3"])
    assert (wrong.precision, wrong.recall) == (0.5, 0.25)
    assert wrong.found["cut"] == pytest.approx(1 / 3)
    assert wrong.merged == {"original": 0.5, "cut": 0.0, "neg_template": 1.0}


def test_every_contender_links_a_copy_and_leaves_a_stranger_alone() -> None:
    story, other = (" ".join(f"{word}{n}" for n in range(200)) for word in ("harbour", "orchard"))
    texts = [story, other, f"{story} and more"]
    documents = [Document(f"d{n}", "", "", text) for n, text in enumerate(texts)]
    for contender in contenders().values():
        found = contender(documents)
        assert found.links == {"d2": "d0"}
        assert [pair[1:] for pair in found.pairs] == [(2, 0)]
