"""Groups of copies from what a contender found, and how right they are, for `benchmarks/near_copies.py`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from benchmarks.copypairs import Document, Pair

_ORIGINALS = ("original", "neg_sameevent")


class Quality(NamedTuple):
    precision: float
    recall: float
    f1: float
    found: dict[str, float]  # by type: copies in their original's group
    merged: dict[str, float]  # by type: documents in a group with a stranger


def by_links(documents: Iterable[Document], links: Mapping[str, str]) -> list[str]:
    """The group of each document: the first of its chain of links, of which each leads to an earlier one."""
    first: dict[str, str] = {}
    for document in documents:
        first[document.id] = first[links[document.id]] if document.id in links else document.id
    return list(first.values())


def by_pairs(documents: Sequence[Document], pairs: Iterable[Pair]) -> list[str]:
    """The group of each document: the strongest pairs first, two groups become one where half of the pairs between
    them are judged copies.  So no single pair merges two large groups."""
    strongest = sorted(pairs, key=lambda pair: (pair.strength, -pair.later, -pair.earlier), reverse=True)
    beside = defaultdict[int, set[int]](set)
    for _, one, other in strongest:
        beside[one].add(other)
        beside[other].add(one)
    group = [{n} for n in range(len(documents))]
    grew = True
    while grew:  # a pair that was too little before may do with what came to its groups since
        grew = False
        for _, one, other in strongest:
            left, right = group[one], group[other]
            if left is right or 2 * sum(len(beside[n] & right) for n in left) < len(left) * len(right):
                continue
            left |= right
            for n in right:
                group[n] = left
            grew = True
    return [documents[min(members)].id for members in group]


def quality_of(documents: Sequence[Document], groups: Sequence[str]) -> Quality:
    """Counted in pairs of documents of one group."""
    gold, ours, both = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    original, strangers = dict[str, str](), defaultdict[str, set[str]](set)
    for document, group in zip(documents, groups, strict=True):
        gold[document.cluster] += 1
        ours[group] += 1
        both[document.cluster, group] += 1
        strangers[group].add(document.cluster)
        if document.type in _ORIGINALS:
            original[document.cluster] = group
    right, linked, wanted = (sum(n * (n - 1) // 2 for n in counts.values()) for counts in (both, ours, gold))
    found, merged = defaultdict[str, list[bool]](list), defaultdict[str, list[bool]](list)
    for document, group in zip(documents, groups, strict=True):
        merged[document.type].append(len(strangers[group]) > 1)
        if document.cluster in original and document.type not in _ORIGINALS:
            found[document.type].append(group == original[document.cluster])
    precision, recall = right / max(1, linked), right / max(1, wanted)
    return Quality(
        precision,
        recall,
        2 * precision * recall / max(1e-9, precision + recall),
        {kind: sum(hits) / len(hits) for kind, hits in sorted(found.items())},
        {kind: sum(hits) / len(hits) for kind, hits in sorted(merged.items())},
    )
