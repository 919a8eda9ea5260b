"""Posting lists are sets of pairs, sorted: what is done to them is what is done to sets."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.store.postings import FULL, Postings, joined, postings_of, unpacked, without

Pairs = list[tuple[int, int]]
PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 20) | st.just(2**64 - 1)))


def lists_of(pairs: Iterable[tuple[int, int]]) -> Postings:
    keys, documents = zip(*pairs, strict=True) if pairs else ((), ())
    return postings_of(np.array(keys, np.uint32), np.array(documents, np.uint64))


def pairs_of(lists: Postings) -> Pairs:
    return list(zip(lists.keys.tolist(), lists.documents.tolist(), strict=True))


def capped(pairs: Iterable[tuple[int, int]]) -> Pairs:
    lists: dict[int, list[int]] = {}
    for key, document in sorted(set(pairs)):
        lists.setdefault(key, []).append(document)
    return [(key, document) for key, documents in lists.items() for document in documents[:FULL]]


@given(PAIRS, PAIRS)
def test_without_is_the_difference(held: Pairs, gone: Pairs) -> None:
    assert pairs_of(without(lists_of(held), lists_of(gone))) == sorted(set(held) - set(gone))


@given(PAIRS, PAIRS)
def test_joined_is_the_union_up_to_the_cap_and_tells_which_lists_changed(held: Pairs, new: Pairs) -> None:
    before = capped(held)
    whole, changed = map(pairs_of, joined(lists_of(before), lists_of(new)))
    assert whole == capped(before + new)
    touched = {key for key, _ in set(whole) - set(before)}
    assert changed == [pair for pair in whole if pair[0] in touched]


@given(PAIRS)
def test_packed_lists_come_back(pairs: Pairs) -> None:
    assert pairs_of(unpacked(lists_of(pairs).packed())) == sorted(set(pairs))
