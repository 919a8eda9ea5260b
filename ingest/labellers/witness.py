"""An independent extractor as witness: which spans of a page trafilatura would keep.

The witness gives running text, not spans; testimony is read back by word 4-grams, so that it
survives the extractor's own joining and cutting of lines.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

from lxml.etree import LxmlError

from ingest.labellers.lines import Line
from ingest.vocabulary.words import fold, words

N = 4
# A span counts as kept where this share of its 4-grams stands in the witness's text: below one
# half the extractor kept another text that shares phrases with it.
KEPT_SHARE = 0.5

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # empty pages are no news to us
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def witness_text(html: str, *, thorough: bool) -> str | None:
    """The main text as trafilatura extracts it without comments; None where it finds none or fails.

    `thorough`: with its fall-backs, which take half as long again.
    """
    import trafilatura  # heavy: only processes that meet HTML pay for it

    try:
        return trafilatura.extract(html, include_comments=False, fast=not thorough) or None
    except (LxmlError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return None  # a witness that stumbles over a broken page has nothing to say


def kept_by(text: str, lines: Sequence[Line], doubtful: Sequence[bool]) -> list[bool]:
    """For each line of the page whether the witness's text holds it.

    A line counts where at least `KEPT_SHARE` of its word 4-grams stand in the text; a line of
    fewer words where it is a whole row there, or goes on from or leads into its neighbour there.
    Each 4-gram of the text vouches for one line only: where the page says a thing more often than
    the witness (a teaser, a quotation in a comment, a hidden copy of the story), lines that are
    not `doubtful` and that stand among kept ones come first.
    """
    rows = [words(fold(row)) for row in text.split("\n")]
    whole = {tuple(row) for row in rows}
    stream = [token for row in rows for token in row]
    said = Counter(_grams(stream))
    tokens_of = [words(line.folded) for line in lines]
    grams_of = [_grams(tokens) for tokens in tokens_of]
    kept = [
        sum(gram in said for gram in grams) >= KEPT_SHARE * len(grams)
        if grams
        else _is_said(i, tokens_of, said, whole)
        for i, grams in enumerate(grams_of)
    ]
    wanted = Counter(gram for i, grams in enumerate(grams_of) if kept[i] for gram in grams)
    wanted_whole = Counter(line.folded for i, line in enumerate(lines) if kept[i] and not grams_of[i])
    said_whole = Counter(" ".join(row) for row in rows)
    contested = [
        i
        for i, grams in enumerate(grams_of)
        if kept[i]
        and (
            sum(wanted[gram] > said[gram] for gram in grams) > (1 - KEPT_SHARE) * len(grams)
            if grams
            else wanted_whole[lines[i].folded] > max(1, said_whole[" ".join(tokens_of[i])])
        )
    ]
    _settle(contested, kept, lines, grams_of, said, doubtful)
    return kept


def _settle(
    contested: list[int],
    kept: list[bool],
    lines: Sequence[Line],
    grams_of: list[list[tuple[str, ...]]],
    said: Counter[tuple[str, ...]],
    doubtful: Sequence[bool],
) -> None:
    """Drop those contested lines, in place, whose words better placed lines have used up."""
    if not contested:
        return
    sure = list(kept)
    for i in contested:
        sure[i] = False
    left = Counter(said)
    for i, grams in enumerate(grams_of):
        if sure[i]:
            left.subtract(grams)
    taken: set[str] = set()
    for i in sorted(contested, key=lambda i: (doubtful[i], -_neighbours(i, sure), -_neighbours(i, kept), i)):
        grams = grams_of[i]
        if grams:
            kept[i] = sum(left[gram] > 0 for gram in grams) >= KEPT_SHARE * len(grams)
            if kept[i]:
                left.subtract(grams)
        else:
            kept[i] = lines[i].folded not in taken
            taken.add(lines[i].folded)


def _grams(tokens: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(*(tokens[i:] for i in range(N)), strict=False))


def _is_said(
    i: int, tokens_of: list[list[str]], said: Counter[tuple[str, ...]], whole: set[tuple[str, ...]]
) -> bool:
    """Whether a line of fewer than four words stands in the text."""
    tokens = tokens_of[i]
    if not tokens:
        return False
    if tuple(tokens) in whole:
        return True
    before = tokens_of[i - 1][-(N - len(tokens)) :] if i else []
    after = tokens_of[i + 1][: N - len(tokens)] if i + 1 < len(tokens_of) else []
    return tuple(before + tokens) in said or tuple(tokens + after) in said


def _neighbours(i: int, kept: Sequence[bool], width: int = 4) -> int:
    return sum(kept[max(0, i - width) : i + width + 1])
