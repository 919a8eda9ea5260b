"""Numbers that say what the blocks of a page look like as text: lengths, casing, punctuation, repetition, place.

All blocks at once, on arrays over the page's characters and words; nothing is looked at line by line.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.labellers.learned import characters as ch
from ingest.labellers.learned.network import Bag
from ingest.model import Span

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

HEAD_WORDS, TAIL_WORDS = 16, 8  # words of a block whose n-grams are looked up: its first and its last
STEM = 6  # characters by which the forms of a word are one, in most languages
_LONGEST = 24  # characters of a word that its hash reads
REMEMBERED = 200_000  # characters of a page, at most, whose features are kept until the next
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_OPENING, _CLOSING = np.uint64(0x1234567), np.uint64(0x7654321)  # set n-grams at a block's ends apart


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a page in order."""

    hashes: Hashes
    block: Ints  # number of the block that each stands in
    length: Ints  # characters
    capital: npt.NDArray[np.bool_]  # starts with a capital
    first: Ints  # for each block, the number of its first word
    count: Ints  # and how many it has
    stems: Hashes  # of the first letters of each


@dataclass(frozen=True, slots=True)
class TextFeatures:
    """Of n blocks."""

    numbers: Floats  # (n, len(NAMES))
    grams: Bag  # words and pairs of words
    words: Words


NAMES: tuple[str, ...] = (
    "characters", "words", "word_length", "upper", "capital_words", "digits", "punctuation", "commas", "terminals",
    "short_words", "spaceless", "quotes", "symbols", "ends_terminal", "ends_colon", "starts_upper", "starts_digit",
    "starts_symbol", "no_letters", "copyright", "at", "bars", "slashes", "brackets", "currency", "long_digits",
    "inner_sentences", "times_in_page", "seen_before", "comes_again", "place", "text_before", "number", "number_back",
    "blocks", "page_words", "gap_before", "gap_after", "known_words", "own_words", "title_of_block", "block_of_title",
    "declared", "declares",
)  # fmt: skip


class _Remembered(threading.local):
    """The last page of a thread: the splitter asks again what the labeller asked."""

    asked: tuple[str, Sequence[Span], str | None, str | None] = ("", (), None, None)
    found: TextFeatures | None = None


_last = _Remembered()


def text_features(
    text: str, spans: Sequence[Span], title: str | None = None, body: str | None = None
) -> TextFeatures:
    """The features of the blocks at these spans (in order, not overlapping) of a page text.

    `title`, `body`: what the page says its title and its article's text are, if it says so.  The answer may be one
    that was given before: it is not to be changed.
    """
    asked = text, spans, title, body
    if _last.found is not None and all(one is other for one, other in zip(asked, _last.asked, strict=True)):
        return _last.found
    found = _text_features(text, spans, title, body)
    if len(text) <= REMEMBERED:
        _last.asked, _last.found = asked, found
    return found


def _text_features(text: str, spans: Sequence[Span], title: str | None, body: str | None) -> TextFeatures:
    n = len(spans)
    starts = np.fromiter((span.start for span in spans), np.int64, n)
    ends = np.fromiter((span.end for span in spans), np.int64, n)
    codes = ch.codes_of(text)
    kinds = ch.class_of(codes)
    words = _words(codes, kinds, starts, ends)
    numbers = np.stack(
        _numbers(codes, kinds, starts, ends, words, _hashes_of(title), _pairs_of(body)), axis=1
    )
    return TextFeatures(numbers.astype(np.float32), _grams(words), words)


def _words(codes: ch.Codes, kinds: ch.Classes, starts: Ints, ends: Ints) -> Words:
    n = len(starts)
    inside = np.zeros(len(codes) + 1, np.int8)
    inside[starts] += 1  # no two start, or end, at one place
    inside[ends] -= 1
    is_word = ((kinds & ch.WORD) != 0) & (np.cumsum(inside[:-1], dtype=np.int8) > 0)
    alone = is_word & ((kinds & ch.SPACELESS) != 0)
    before = np.concatenate(([False], is_word[:-1]))
    after_alone = np.concatenate(([False], alone[:-1]))
    at_start = np.zeros(len(codes), bool)
    at_start[starts[starts < len(codes)]] = True
    opens = is_word & (~before | alone | after_alone | at_start)
    positions = np.flatnonzero(opens)
    if not len(positions):
        empty = np.zeros(0, np.int64)
        return Words(
            empty.astype(np.uint64),
            empty,
            empty,
            empty.astype(bool),
            np.zeros(n, np.int64),
            np.zeros(n, np.int64),
            empty.astype(np.uint64),
        )
    number = np.cumsum(opens) - 1
    offset = np.arange(len(codes)) - positions[np.maximum(number, 0)]
    counted = is_word & (number >= 0)
    weight = np.where(counted & (offset < _LONGEST), _POWERS[np.clip(offset, 0, _LONGEST - 1)], np.uint64(0))
    values = (ch.folded(codes).astype(np.uint64) + np.uint64(1)) * weight
    hashes = _mixed(np.add.reduceat(values, positions))
    stems = _mixed(np.add.reduceat(np.where(offset < STEM, values, np.uint64(0)), positions))
    length = np.add.reduceat(counted.astype(np.int64), positions)
    block = np.searchsorted(starts, positions, side="right") - 1
    count = np.bincount(block, minlength=n)
    first = np.concatenate(([0], np.cumsum(count)[:-1]))
    return Words(hashes, block, length, (kinds[positions] & ch.UPPER) != 0, first, count, stems)


def _powers() -> Hashes:
    powers, value = [], 1
    for _ in range(_LONGEST):
        powers.append(value)
        value = value * 0x100000001B3 % 2**64
    return np.array(powers, np.uint64)


_POWERS = _powers()


def _mixed(hashes: Hashes) -> Hashes:
    mixed: Hashes = (hashes ^ (hashes >> np.uint64(29))) * _MIX
    return mixed ^ (mixed >> np.uint64(32))


def _words_of(text: str) -> Words:
    codes = ch.codes_of(text)
    return _words(codes, ch.class_of(codes), np.array([0]), np.array([len(codes)]))


def _hashes_of(text: str | None) -> Hashes:
    """The words of a text, each once, in rising order."""
    return np.unique(_words_of(text).hashes) if text else np.zeros(0, np.uint64)


def _pairs_of(text: str | None) -> Hashes:
    """The pairs of neighbouring words of a text, each once, in rising order."""
    return np.unique(_pairs(_words_of(text).hashes)[:-1]) if text else np.zeros(0, np.uint64)


def _pairs(hashes: Hashes) -> Hashes:
    """For each word the hash of it and its next; what the last one gives means nothing."""
    return _mixed(hashes * _PRIME + np.roll(hashes, -1))


def _numbers(
    codes: ch.Codes,
    kinds: ch.Classes,
    starts: Ints,
    ends: Ints,
    words: Words,
    title: Hashes,
    declared: Hashes,
) -> list[npt.NDArray[np.floating]]:
    n = len(starts)
    length = np.maximum(1, ends - starts)
    sums = _Sums(starts, ends, len(codes))
    letters = sums.of((kinds & ch.LETTER) != 0)
    spaced = np.concatenate(((kinds[1:] & ch.SPACE) != 0, [True]))
    sentences = sums.of(((kinds & ch.TERMINAL) != 0) & spaced)
    word_count = np.maximum(1, words.count)
    last = codes[ends - 1]
    last_kind, first_kind = kinds[ends - 1], kinds[starts]
    closing = (last_kind & ch.CLOSING) != 0
    before_last = kinds[np.maximum(starts, ends - 2)]
    same, rank = _repeats(words, n)
    total = max(1, n - 1)
    page_words = max(1, int(words.count.sum()))
    before = np.concatenate(([0], np.cumsum(words.count)[:-1]))
    gap = np.concatenate(([0], starts[1:] - ends[:-1]))
    known, own = _in_page(words, n)
    of_block, of_title = _shared(words, title, n)
    digits = (kinds & ch.DIGIT) != 0
    run = (
        digits & np.concatenate(([False] * 3, digits[:-3]))
        if len(digits) > 3
        else np.zeros(len(digits), bool)
    )

    def holds(mark: int) -> npt.NDArray[np.floating]:
        return np.minimum(4, sums.of((kinds & mark) != 0))

    return [
        np.log1p(length),
        np.log1p(words.count),
        _mean(words.length, words) / 10,
        sums.of((kinds & ch.UPPER) != 0) / np.maximum(1, letters),
        _mean(words.capital, words),
        sums.of(digits) / length,
        sums.of((kinds & ch.OTHER) != 0) / length,
        sums.of((kinds & ch.COMMA) != 0) / word_count,
        sentences / word_count,
        _mean(words.length <= 3, words),
        sums.of((kinds & ch.SPACELESS) != 0) / np.maximum(1, letters),
        holds(ch.QUOTE),
        np.minimum(6, sums.of((kinds & ch.SYMBOL) != 0)),
        ((last_kind & ch.TERMINAL) != 0) | (closing & ((before_last & ch.TERMINAL) != 0)),
        (last == ord(":")) | (last == 0xFF1A),
        (first_kind & ch.UPPER) != 0,
        (first_kind & ch.DIGIT) != 0,
        (first_kind & ch.OTHER) != 0,
        letters == 0,
        holds(ch.RIGHTS),
        holds(ch.AT),
        holds(ch.BAR),
        holds(ch.SLASH),
        holds(ch.BRACKET),
        holds(ch.MONEY),
        np.minimum(3, sums.of(run)),
        np.log1p(sentences),
        np.log(same),
        np.minimum(3, rank),
        np.minimum(3, same - 1 - rank),
        np.arange(n) / total,
        before / page_words,
        np.log1p(np.arange(n)),
        np.log1p(np.arange(n)[::-1]),
        np.full(n, np.log1p(n)),
        np.full(n, np.log1p(page_words)),
        np.minimum(4, gap),
        np.minimum(4, np.concatenate((gap[1:], [0]))),
        known,
        own,
        of_block,
        of_title,
        _said(words, declared, n),
        np.full(n, float(len(declared) > 0)),
    ]


class _Sums:
    """Sums over blocks of what stands at each character."""

    def __init__(self, starts: Ints, ends: Ints, size: int) -> None:
        self._starts, self._ends = starts, ends
        self._total = np.zeros(size + 1, np.int32)

    def of(self, values: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
        np.cumsum(values, out=self._total[1:])
        found: npt.NDArray[np.int32] = self._total[self._ends] - self._total[self._starts]
        return found


def _mean(values: npt.NDArray[np.generic], words: Words) -> npt.NDArray[np.floating]:
    n = len(words.count)
    found: npt.NDArray[np.floating] = np.bincount(words.block, values.astype(np.float64), n) / np.maximum(
        1, words.count
    )
    return found


def _repeats(words: Words, n: int) -> tuple[Ints, Ints]:
    """How often each block's words stand in the page as a block, and how many of these stand before it."""
    place = np.arange(len(words.block)) - words.first[words.block]
    placed = words.hashes * (np.uint64(2) * place.astype(np.uint64) + np.uint64(1))
    keys = np.arange(n).astype(np.uint64)  # blocks without words are each a block of its own
    some = np.flatnonzero(words.count)
    if len(some):
        keys[some] = np.add.reduceat(placed, words.first[some])
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    opens = np.concatenate(([True], ranked[1:] != ranked[:-1]))
    group = np.cumsum(opens) - 1
    heads = np.flatnonzero(opens)
    sizes = np.diff(np.append(heads, n))
    same, rank = np.empty(n, np.int64), np.empty(n, np.int64)
    same[order] = sizes[group]
    rank[order] = np.arange(n) - heads[group]
    return same, rank


def _in_page(words: Words, n: int) -> tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]:
    """For each block: the mean log count, in the page, of its longer words; the share of them that only it has."""
    long = words.length > 3
    block = words.block[long]
    _, kind, count = np.unique(words.hashes[long], return_inverse=True, return_counts=True)
    size = np.maximum(1, np.bincount(block, minlength=n))
    known = np.bincount(block, np.log(count[kind]), n) / size
    own = np.bincount(block, count[kind] == 1, n) / size
    return known, own


def _shared(words: Words, title: Hashes, n: int) -> tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]:
    """The share of each block's words that the title has, and of the title's words that the block has."""
    if not len(title):
        return np.zeros(n), np.zeros(n)
    found = np.searchsorted(title, words.hashes)
    hit = title[np.minimum(found, len(title) - 1)] == words.hashes
    of_block = np.bincount(words.block, hit, n) / np.maximum(1, words.count)
    pairs = np.unique(words.block[hit] * len(title) + found[hit])
    of_title = np.bincount(pairs // len(title), minlength=n) / len(title)
    return of_block, of_title


def _said(words: Words, declared: Hashes, n: int) -> npt.NDArray[np.floating]:
    """The share of each block's pairs of words that a declared text holds; of a single word, none."""
    if not len(declared) or not len(words.hashes):
        return np.zeros(n)
    inner = words.block == np.roll(words.block, -1)
    inner[-1] = False
    pairs, block = _pairs(words.hashes)[inner], words.block[inner]
    hit = declared[np.minimum(np.searchsorted(declared, pairs), len(declared) - 1)] == pairs
    share: npt.NDArray[np.floating] = np.bincount(block, hit, n) / np.maximum(
        1, np.bincount(block, minlength=n)
    )
    return share


def _grams(words: Words) -> Bag:
    """Hashes of the words and pairs at the ends of each block, marked where they open or close it."""
    place = np.arange(len(words.block)) - words.first[words.block]
    back = words.count[words.block] - 1 - place
    near = (place < HEAD_WORDS) | (back < TAIL_WORDS)
    single = words.hashes
    pair = _pairs(single)
    parts = [
        (single[near], words.block[near]),
        (pair[near & (back > 0)], words.block[near & (back > 0)]),
        (_mixed(single[place == 0] * _PRIME + _OPENING), words.block[place == 0]),
        (_mixed(single[back == 0] * _PRIME + _CLOSING), words.block[back == 0]),
    ]
    hashes = np.concatenate([part[0] for part in parts])
    block = np.concatenate([part[1] for part in parts])
    order = np.argsort(block, kind="stable")
    return hashes.astype(np.uint32)[order], block[order]
