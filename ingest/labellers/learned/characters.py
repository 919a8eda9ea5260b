"""What every character is, as tables that numpy looks up for a whole page at once."""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]

# Bits of a character's class.
UPPER, LETTER, DIGIT, SPACE, SPACELESS, TERMINAL, COMMA, QUOTE, CLOSING, OTHER = (1 << n for n in range(10))
RIGHTS, AT, BAR, SLASH, BRACKET, MONEY, SYMBOL = (1 << n for n in range(10, 17))
WORD = LETTER | DIGIT

Classes = npt.NDArray[np.uint32]

_TABLE = 0x10000  # characters with a class of their own; beyond the first plane nearly all is ideographs or pictures
_MARKS = {
    TERMINAL: ".!?…。！？؟।",
    COMMA: ",;、،，؛",
    QUOTE: '"“”„‟«»「」『』‹›',
    CLOSING: "\"“”„‟«»「」『』‹›)]'’",  # what may stand behind a sentence's end
    RIGHTS: "©®™",
    AT: "@",
    BAR: "|»›",
    SLASH: "/",
    BRACKET: "()[]",
    MONEY: "$€£¥%",
    SYMBOL: "|»›>·•→/©@#$€£+&()[]{}",
}
# Written without blanks between words: each character counts as a word (as `ingest.vocabulary.words` has it).
_SPACELESS_RANGES = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x3400, 0x9FFF),
)


def codes_of(text: str) -> Codes:
    """The code points of a text, one for each character."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


@cache
def classes() -> Classes:
    """The class of each code point of the first plane."""
    table = np.zeros(_TABLE, np.uint32)
    for code in range(_TABLE):
        character = chr(code)
        category = unicodedata.category(character)
        if category[0] in "LM":
            bits = LETTER | (UPPER if category in ("Lu", "Lt") else 0)
        elif category == "Nd":
            bits = DIGIT
        elif character.isspace():
            bits = SPACE
        elif category[0] == "C":
            bits = 0
        else:
            bits = OTHER
        table[code] = bits
    for bit, characters in _MARKS.items():
        table[[ord(c) for c in characters]] |= bit
    for start, end in _SPACELESS_RANGES:
        word = (table[start : end + 1] & WORD) != 0
        table[start : end + 1][word] |= SPACELESS
    return table


@cache
def folds() -> npt.NDArray[np.uint32]:
    """Each code point's lower case; all digits are one."""
    table = np.arange(_TABLE, dtype=np.uint32)
    for code in range(_TABLE):
        lower = chr(code).lower()
        if len(lower) == 1:
            table[code] = ord(lower)
    table[(classes() & DIGIT) != 0] = ord("0")
    return table


def class_of(codes: Codes) -> Classes:
    """The class of each character; what is beyond the first plane counts as a letter above U+20000, else as a picture."""
    found = classes()[np.minimum(codes, _TABLE - 1)]
    beyond = codes >= _TABLE
    if beyond.any():
        found = np.where(beyond, np.where(codes >= 0x20000, LETTER | SPACELESS, OTHER), found).astype(
            np.uint32
        )
    return found


def folded(codes: Codes) -> Codes:
    """The characters as they are compared."""
    return np.where(codes < _TABLE, folds()[np.minimum(codes, _TABLE - 1)], codes).astype(np.uint32)
