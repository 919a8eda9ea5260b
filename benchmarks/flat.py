"""Flat dumps: ours, and what people do who have no HTML.  Each but ours keeps or drops whole lines.

C4 line rules     Raffel et al. 2020, JMLR 21(140), section 2.2: a line ends in a terminal mark, has five words,
                  does not mention Javascript.  The rules for whole pages are left out.
C4 as datatrove   the rules and defaults of its C4QualityFilter (Apache-2.0), in their order: three words, no word above
                  1,000 characters, no ellipsis, no policy phrases; and its rules for whole pages: none with a
                  curly bracket, "lorem ipsum", or fewer than five sentences in what is left.  Sentences are
                  counted by their terminal marks.
Gopher by line    Rae et al. 2021, appendix A, on single lines: mean length of words 3 to 10, less than a tenth
                  symbols, four fifths of the words with a letter, no bullet before, no ellipsis after.
jusText by line   each line as a paragraph of mark-up without links.
no line twice     the first of lines that are equal.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.contest import Cleaner, Output
from benchmarks.peers import OURS, Ours, justext_paragraphs, ours_text

if TYPE_CHECKING:
    from ingest.model import Cleaned

Keep = Callable[[list[str], str | None], Iterable[int]]

_TERMINAL = (".", "!", "?", '"', "”")
_DATATROVE_TERMINAL = (".", "!", "?", '"', "'")
_POLICY = re.compile("terms of use|(?:privacy|cookie) policy|use[s]? (?:of )?cookies")
_CITATION = re.compile(r"\[(?:\d*|edit|citation needed)\]")
_SENTENCE_END = re.compile(r"[.!?]+[\"'”’)]*(?=\s|$)")
_BULLET = ("•", "‣", "▪", "●", "◦", "-", "*", "–")


def every_line(lines: list[str], language: str | None) -> Iterable[int]:
    return range(len(lines))


def c4_lines(lines: list[str], language: str | None) -> Iterator[int]:
    for number, line in enumerate(lines):
        enough = len(line.split()) >= 5 and line.rstrip().endswith(_TERMINAL)
        if enough and "javascript" not in line.lower():
            yield number


def c4_of_datatrove(lines: list[str], language: str | None) -> list[int]:
    kept, sentences = [], 0
    for number, line in enumerate(lines):
        words, line = line.split(), _CITATION.sub("", line.strip())
        lower = line.lower()
        if max(map(len, words), default=0) > 1000 or len(words) < 3:
            continue
        if not line.endswith(_DATATROVE_TERMINAL) or line.endswith("..."):
            continue
        if "lorem ipsum" in lower:
            return []
        if "javascript" in lower:
            continue
        if "{" in line:
            return []
        if _POLICY.search(lower):
            continue
        kept.append(number)
        sentences += max(1, len(_SENTENCE_END.findall(line)))
    return kept if sentences >= 5 else []


def gopher_by_line(lines: list[str], language: str | None) -> Iterator[int]:
    for number, line in enumerate(map(str.strip, lines)):
        words = line.split()
        if not words or line.startswith(_BULLET) or line.endswith(("…", "...")):
            continue
        symbols = line.count("#") + line.count("…") + line.count("...")
        lettered = sum(any(map(str.isalpha, word)) for word in words)
        if (
            3 <= sum(map(len, words)) / len(words) <= 10
            and symbols < len(words) / 10
            and lettered >= len(words) * 4 / 5
        ):
            yield number


def justext_by_line(lines: list[str], language: str | None) -> list[int]:
    numbers = [number for number, line in enumerate(lines) if line.strip()]
    marked_up = "".join(f"<p>{html.escape(lines[number])}</p>\n" for number in numbers)
    found = justext_paragraphs(f"<html><body>{marked_up}</body></html>", language) if numbers else []
    if len(found) != len(numbers):
        raise ValueError(f"{len(numbers)} lines came back as {len(found)} paragraphs")
    return [n for n, paragraph in zip(numbers, found, strict=True) if not paragraph.is_boilerplate]


def no_line_twice(lines: list[str], language: str | None) -> Iterable[int]:
    first: dict[str, int] = {}
    for number, line in enumerate(lines):
        first.setdefault(" ".join(line.split()), number)
    return first.values()


@dataclass(frozen=True, slots=True)
class _ByLine:
    """A rule over lines as a cleaner of texts."""

    keep: Keep

    def __call__(self, text: str, language: str | None) -> list[int]:
        return sorted(self.keep(text.split("\n"), language))


def _kept_lines(text: str, kept: list[int]) -> Output:
    lines = text.split("\n")
    return Output("\n".join(lines[number] for number in kept), frozenset(kept))


def ours_output(text: str, cleaned: Cleaned) -> Output:
    """A line is kept where more than half of its characters came into an article's text."""
    from ingest.stages.describe import TEXT_KINDS

    inside = bytearray(len(cleaned.text))
    for article in cleaned.articles:
        for block in article.blocks:
            if block.kind in TEXT_KINDS:
                inside[block.start : block.end] = b"\1" * (block.end - block.start)
    if text.count("\n") != cleaned.text.count("\n"):
        raise AssertionError("decoding changed the number of lines")
    start, kept = 0, set()
    for number, line in enumerate(cleaned.text.split("\n")):
        if line and 2 * sum(inside[start : start + len(line)]) > len(line):
            kept.add(number)
        start += len(line) + 1
    return Output(ours_text(text, cleaned).text, frozenset(kept))


def cleaners(*, justext: bool) -> list[Cleaner]:
    """All of them; jusText only where it is there."""
    rules: dict[str, Keep] = {
        "every line": every_line,
        "C4 line rules": c4_lines,
        "C4 as datatrove": c4_of_datatrove,
        "Gopher by line": gopher_by_line,
        "jusText by line": justext_by_line,
        "no line twice": no_line_twice,
    }
    if not justext:
        del rules["jusText by line"]
    by_line = [Cleaner(name, _ByLine(keep), _kept_lines) for name, keep in rules.items()]
    return [*by_line, Cleaner(OURS, Ours("text/plain"), ours_output)]
