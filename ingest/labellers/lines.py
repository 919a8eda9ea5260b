"""What can be seen on one line alone; worked out once for each span and shared by all who ask."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ingest.vocabulary.words import fold, is_spaceless, words

# The end of a sentence, with what may close after it: quotes, brackets, a footnote number.
_TERMINAL = re.compile(r"""[.!?…。！？؟।][)\]"'”’»›」』）]*(?:\[\d{1,3}\])?$""")
_LIST_ITEM = re.compile(r"(?:[-–—*•·▪►‣]|\d{1,3}[.)])\s?\S")
_LETTER = re.compile(r"[^\W\d_]")

# One inside a line: a word, its full stop, a capital.  "Gov. Smith" and "U.S. forces" are shorter.  The stop is
# sought first: there are fewer of them.
_INNER_END = re.compile(r"[.!?](?<=[^\W\d_A-Z]{4}.)[\"'”’»)]*\s+[\"'“„«(]?[^\W\d_a-z]")

PROSE_WORDS = 6  # with a sentence's end
CUT_WORDS = 12  # with a sentence's end inside: prose cut off in the middle
LONG_WORDS = 31  # without one: no headline is as long
TITLE_WORDS = range(3, LONG_WORDS)
# Scripts without blanks count characters as words: about 1.8 of them make one.
CHARACTERS_PER_WORD = 1.8


# Lines so short come again on a source's other pages: menus, sections, notices.  The last of them are remembered.
SHORT_LINE = 120  # characters
REMEMBERED = 8192  # lines; with their labels some 4 MB


class Line(NamedTuple):
    """Facts of one line that need no context."""

    folded: str
    words: int
    terminal: bool  # ends as a sentence does
    sentences: bool  # a sentence ends inside it
    letters: bool  # holds any letter
    list_item: bool

    @property
    def prose(self) -> bool:
        """A sentence or more: what bodies are made of and furniture hardly ever is."""
        return (
            (self.terminal and self.words >= PROSE_WORDS)
            or (self.sentences and self.words >= CUT_WORDS)
            or self.words >= LONG_WORDS
        )

    @property
    def title_like(self) -> bool:
        """Could be a headline: some words, no sentence's full stop at the end."""
        return (
            self.letters and self.words in TITLE_WORDS and (not self.terminal or self.folded[-1] in "?!\"'…")
        )


def line_of(text: str) -> Line:
    """The facts of a span's text."""
    return _short_line_of(text) if len(text) <= SHORT_LINE else _line_of(text)


def _line_of(text: str) -> Line:
    folded = fold(text)
    count = len(words(folded))
    if count and is_spaceless(folded):
        count = max(1, round(count / CHARACTERS_PER_WORD))
    return Line(
        folded=folded,
        words=count,
        terminal=not text[-1:].isalnum() and bool(_TERMINAL.search(text[-12:])),
        sentences=count >= CUT_WORDS and bool(_INNER_END.search(text, 0, 2000)),
        letters=folded[:1].isalpha() or bool(_LETTER.search(folded)),
        list_item=not text[:1].isalpha() and bool(_LIST_ITEM.match(text)),
    )


_short_line_of = lru_cache(REMEMBERED)(_line_of)
