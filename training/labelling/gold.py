"""Which blocks of a page carry its gold text, and how sure that is.

The gold is a text, not a choice of blocks.  Blocks of four words and more are anchored where most of their word
3-grams stand in the gold; of the anchors the heaviest chain in reading order is body.  What is anchored off the
chain is body where it says what no block of the chain says (another order), else a copy.  Shorter blocks are body
where they stand, word for word, in the part of the gold that lies open between the anchors around them.
"""

from __future__ import annotations

import bisect
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

N = 3  # words of a gram
ANCHORED = 0.6  # share of a block's words in grams of the gold that anchors it
SURE = 0.9  # below it, only part of the block is gold
OPEN = 0.4  # share of an anchor off the chain that the chain may explain already
SHORT_WORDS = 6  # at most: what may be looked for word for word

# How much a block counts in training, by how its label was found.
WEIGHT = {
    "sure": 1.0,
    "part": 0.5,
    "order": 0.7,
    "copy": 0.3,
    "elsewhere": 0.3,
    "title": 0.1,
    "optional": 0.0,
}


@dataclass(frozen=True, slots=True)
class Anchor:
    """A block and where in the gold it stands."""

    block: int
    starts: tuple[int, ...]  # the likeliest first
    share: float
    size: int


def body_blocks(
    blocks: Sequence[Sequence[str]],
    gold: Sequence[str],
    title: Sequence[str] = (),
    optional: Sequence[Sequence[str]] = (),
) -> tuple[list[bool], list[float]]:
    """For blocks as words: whether each is body, and its weight in training."""
    body = [False] * len(blocks)
    how = ["sure"] * len(blocks)
    explained = bytearray(len(gold))
    anchors = {a.block: a for a in _anchors(blocks, gold)}
    chain = dict(_chain([a for a in anchors.values() if a.share >= ANCHORED]))

    def take(block: int, start: int) -> None:
        body[block] = True
        begin, end = max(0, start), min(len(gold), start + len(blocks[block]))
        explained[begin:end] = b"\1" * max(0, end - begin)

    def used(block: int, start: int) -> float:
        begin, end = max(0, start), min(len(gold), start + len(blocks[block]))
        return sum(explained[begin:end]) / max(1, end - begin)

    for block, start in chain.items():
        if used(block, start) > 0.5:
            how[block] = "copy"
        else:
            take(block, start)
            how[block] = "sure" if anchors[block].share >= SURE else "part"
    for anchor in sorted(anchors.values(), key=lambda a: -a.share * a.size):
        if anchor.block in chain:
            continue
        start = min(anchor.starts, key=lambda s: used(anchor.block, s))
        if anchor.share < ANCHORED:
            how[anchor.block] = "part"
        elif used(anchor.block, start) <= OPEN:
            take(anchor.block, start)
            how[anchor.block] = "order"
        else:
            how[anchor.block] = "copy"
    _settle_short(blocks, gold, chain, body, how, explained, take)
    for block, words in enumerate(blocks):
        if not body[block] and words and list(words) == list(title):
            how[block] = "title"
        if body[block] and any(_within(words, paragraph) for paragraph in optional):
            how[block] = "optional"
    return body, [WEIGHT[h] for h in how]


def _anchors(blocks: Sequence[Sequence[str]], gold: Sequence[str]) -> list[Anchor]:
    where = defaultdict[tuple[str, ...], list[int]](list)
    for i in range(len(gold) - N + 1):
        where[tuple(gold[i : i + N])].append(i)
    found = []
    for number, words in enumerate(blocks):
        if len(words) <= N:
            continue
        hit = bytearray(len(words))
        starts: Counter[int] = Counter()
        for i in range(len(words) - N + 1):
            places = where.get(tuple(words[i : i + N]))
            if places:
                hit[i : i + N] = b"\1" * N
                starts.update({place - i for place in places[:8]})
        share = sum(hit) / len(words)
        if share < ANCHORED / 2:
            continue
        ranked = sorted(starts, key=lambda start: (-starts[start], start))[:6]
        likely = tuple(start for start in ranked if starts[start] >= 0.6 * starts[ranked[0]])
        found.append(Anchor(number, likely, share, len(words)))
    return found


def _chain(anchors: Sequence[Anchor]) -> list[tuple[int, int]]:
    """(block, start) of the heaviest choice of anchors whose places in the gold rise with the blocks'."""
    items = sorted(
        ((a.block, start, a.share * a.size) for a in anchors for start in a.starts),
        key=lambda x: (x[0], -x[1]),
    )
    best: list[float] = []
    before: list[int] = []
    tops: list[
        tuple[int, float, int]
    ] = []  # (start, weight of the best chain that ends there, item), weights rising
    for i, (_, start, weight) in enumerate(items):
        k = bisect.bisect_left(tops, (start, -1.0, -1))
        previous = tops[k - 1] if k else None
        total = weight + (previous[1] if previous else 0.0)
        best.append(total)
        before.append(previous[2] if previous else -1)
        tops.insert(k, (start, total, i))
        while k + 1 < len(tops) and tops[k + 1][1] <= total:
            tops.pop(k + 1)
    chain: dict[int, int] = {}
    i = max(range(len(best)), key=best.__getitem__) if best else -1
    while i >= 0:
        chain[items[i][0]] = items[i][1]
        i = before[i]
    return sorted(chain.items())


def _settle_short(blocks, gold, chain, body, how, explained, take) -> None:  # type: ignore[no-untyped-def]
    """Short blocks in reading order, each in the open gold between the anchors around it."""
    where = defaultdict[str, list[int]](list)
    for i, word in enumerate(gold):
        where[word].append(i)
    kept = sorted(chain)
    reached = 0
    for number, words in enumerate(blocks):
        if number in chain and body[number]:
            reached = max(reached, chain[number] + len(words))
        if not words or body[number] or len(words) > SHORT_WORDS or how[number] != "sure":
            continue
        k = bisect.bisect_left(kept, number)
        low = chain[kept[k - 1]] + len(blocks[kept[k - 1]]) - 2 if k else 0
        high = chain[kept[k]] + 2 if k < len(kept) else len(gold)
        places = [p for p in where[words[0]] if list(gold[p : p + len(words)]) == list(words)]
        for place in places:
            free = not any(explained[place : place + len(words)])
            if max(low, reached - 1) <= place <= high and free:
                take(number, place)
                reached = place + len(words)
                break
        else:
            if places:
                how[number] = "elsewhere"


def _within(words: Sequence[str], paragraph: Sequence[str]) -> bool:
    return f" {' '.join(words)} " in f" {' '.join(paragraph)} "
