"""A text as near-copies are compared: its prose, folded, without what printing and scanning change."""

from __future__ import annotations

import re

from ingest.vocabulary.words import SPACELESS, fold

# Shorter paragraphs are headlines, captions and furniture, which strangers share.  Bytes of UTF-8, so that a
# sentence is as long in Chinese (three a character) as in English (three a syllable).
PROSE_BYTES = 90
# A text with less prose than this is all counted: a list, a table, verse.
PROSE_SHARE = 0.2

_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n\s*")
_GAP = re.compile(r"[\W_]+")
_SPACELESS = re.compile(f"([{SPACELESS}])")
# Letters and digits of Latin-1 stay, the apostrophe goes, all else is a blank.
_BLANKED = bytes(n if re.fullmatch(r"[^\W_]", chr(n)) else 32 for n in range(256))


def folded_paragraphs(text: str) -> list[str]:
    """The text's paragraphs, which blank lines part, folded; those that hold nothing are left out."""
    return [folded for part in _PARAGRAPH_END.split(text) if (folded := fold(part))]


def prose_of(paragraphs: list[str]) -> str:
    """The folded paragraphs of prose as one string; all of them where there is little prose."""
    long = [
        part
        for part in paragraphs
        if len(part) >= PROSE_BYTES or len(part.encode("utf-8", "replace")) >= PROSE_BYTES
    ]
    whole = sum(map(len, paragraphs))
    return " ".join(long if sum(map(len, long)) >= PROSE_SHARE * whole else paragraphs)


def plain(folded: str) -> str:
    """Words of letters and digits with one blank between; scripts without blanks: one between characters."""
    try:
        bare = folded.encode("latin-1").translate(_BLANKED, b"'")
    except UnicodeEncodeError:
        pass
    else:  # as below, in a tenth of the time
        return b" ".join(bare.split()).decode("latin-1")
    spaced = _SPACELESS.sub(r" \1 ", folded.replace("'", ""))
    return _GAP.sub(" ", spaced).strip()
