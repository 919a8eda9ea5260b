"""Text as the stages compare it: folded strings and words."""

from __future__ import annotations

import re
import unicodedata

# Written without spaces between words: each character counts as a word of its own.
SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{SPACELESS}]|[^\W_{SPACELESS}]+(?:['’][^\W_{SPACELESS}]+)*")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_ASCII_WORD = re.compile("[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*")  # the same where no other characters are
# For `str.translate`: of ASCII text its words with blanks between them, as long as no apostrophe joins any.
_PARTED = "".join(chr(code) if chr(code).isalnum() else " " for code in range(128))
_SPACELESS = re.compile(f"[{SPACELESS}]")
_LETTERS = re.compile(r"[^\W_]+")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_PLAIN = {**dict.fromkeys("‘’‚‛´`", "'"), **dict.fromkeys("“”„‟", '"'), **dict.fromkeys("‐‑‒–—―−", "-")}
_TYPEWRITTEN = (
    ("’", "'"),
    ("‘", "'"),
    ("“", '"'),
    ("”", '"'),
    ("–", "-"),
    ("—", "-"),
    ("…", "..."),
    ("\u00a0", " "),
)
_DRESSED = re.compile(f"[{''.join(_PLAIN)}]")


def squeeze(text: str) -> str:
    """White space folded to single blanks, control and zero-width characters dropped; letters spared."""
    if text.isprintable() and "  " not in text:  # it holds neither then, and no white space but single blanks
        return text.strip(" ")
    joined = " ".join(text.split())
    return joined if joined.isprintable() else " ".join(_INVISIBLE.sub("", _CONTROL.sub(" ", text)).split())


def fold(text: str) -> str:
    """The form in which texts are compared: NFKC, case folded, white space squeezed, quotes and dashes plain."""
    if not text.isascii():
        for dressed, bare in _TYPEWRITTEN:  # of most texts all that is not ASCII
            text = text.replace(dressed, bare)
    if text.isascii():  # as below, in a quarter of the time
        return squeeze(text).lower().replace("`", "'")
    folded = squeeze(unicodedata.normalize("NFKC", text)).casefold()
    return _DRESSED.sub(lambda found: _PLAIN[found[0]], folded)


def words(text: str) -> list[str]:
    """Words of a folded or plain text; one per character in scripts written without spaces."""
    if not text.isascii():
        return _WORD.findall(text)
    return _ASCII_WORD.findall(text) if "'" in text else text.translate(_PARTED).split()


def is_spaceless(text: str) -> bool:
    """Whether most of the text is in a script that writes no blanks between words."""
    return not text.isascii() and len(_SPACELESS.findall(text)) * 2 > len(text)


def name_key(name: str) -> str:
    """A name as letters and digits alone: "The New-Times.com" → "newtimes"."""
    key = "".join(_LETTERS.findall(re.sub(r"\.(?:com|org|net|de|fr|co\.uk)$", "", fold(name))))
    return key.removeprefix("the")
