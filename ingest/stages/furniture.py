"""What a source repeats: the lines of a cleaned dump, and how many stories hold each of them.

Lines are compared as `vocabulary.words.fold` writes them and counted by a hash of 64 bits.  What is counted does
not depend on what was kept and what was removed: else a line would be forgotten once it is known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import numpy as np

from ingest.model import Cleaned, Site
from ingest.vocabulary.fragments import fragment_text
from ingest.vocabulary.words import fold

LONGEST_LINE = 200  # characters of a folded line; a longer one is prose of some story
# Lines of one dump.  Of more, those next to its two ends are counted: there the furniture stands.
MOST_LINES = 1000

# What these say belongs to the story, however many stories say the same.
_OWN = frozenset({"date", "byline", "caption"})
_KEY = np.dtype("<u8")


def lines_of(cleaned: Cleaned) -> bytes:
    """The short lines of a dump, each once: their keys in rising order, 8 bytes each.  Pure."""
    pieces = [(b.start, b.text) for a in cleaned.articles for b in a.blocks if b.kind not in _OWN]
    pieces += [(r.start, r.text) for r in cleaned.removals if r.reason != "metadata"]
    seen = dict.fromkeys(
        line
        for _, text in sorted(pieces)
        if len(text) <= 4 * LONGEST_LINE  # before the work: its mark-up may be longer than what it shows
        and (line := line_of(text, is_html=cleaned.media_type == "text/html")) is not None
    )
    lines = list(seen)
    if len(lines) > MOST_LINES:
        lines = lines[: MOST_LINES // 2] + lines[-MOST_LINES // 2 :]
    return np.array(sorted(map(key_of, lines)), _KEY).tobytes()


def line_of(text: str, *, is_html: bool) -> str | None:
    """A span's text as its line is compared; None where it is too long, or holds no letter."""
    line = fold(text if is_html else fragment_text(text))
    return line if len(line) <= LONGEST_LINE and any(map(str.isalpha, line)) else None


def key_of(line: str) -> int:
    """The same in every process, now and later."""
    digest = hashlib.blake2b(line.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def stories_with(pages: Iterable[tuple[str, bytes]]) -> tuple[int, Iterator[tuple[int, int]]]:
    """Of pages, each with the story that it tells and its `lines_of`: how many different stories they tell, and
    (key, stories that hold it) of each line.  Pages of one story, copies of each other, count once.
    """
    told: dict[str, list[np.ndarray[tuple[int], np.dtype[np.uint64]]]] = {}
    for story, lines in pages:
        told.setdefault(story, []).append(np.frombuffer(lines, _KEY))
    once = [np.unique(np.concatenate(same)) if len(same) > 1 else same[0] for same in told.values()]
    keys, numbers = np.unique(np.concatenate(once or [np.array([], _KEY)]), return_counts=True)
    return len(told), zip(keys.tolist(), numbers.tolist(), strict=True)


def version_of(site: Site | None) -> str:
    """Names what is in force: equal furniture has equal versions, whoever learned it, and "" is none."""
    if site is None or not (site.furniture or site.restored):
        return ""
    lines = [*sorted(site.furniture), *(["\f", *sorted(site.restored)] if site.restored else [])]
    whole = "\n".join(lines).encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()[:16]
