"""Picture captions in text without mark-up: a line that ends in a credit, or opens with a picture's label."""

from __future__ import annotations

import re

from ingest.vocabulary.wordlists import word_set
from ingest.vocabulary.words import words

_BRACKETED = re.compile(r"^(?P<said>.*\S)\s*[(\[](?P<credit>[^()\[\]]{2,80})[)\]]\.?$")
_LABELLED = re.compile(
    r"(?:file (?:photo|image|picture|[-–—] )|photos?(?:graph)?(?: by| credit| courtesy| \w+)?\s?[:/|]|photos? by |images?(?: credit| courtesy)?\s?[:|]|"
    r"pictures?\s?[:|]|pictured(?: above| below| left| right)?\s?[:,]|fotos?\s?[:/|]|bild(?:er)?\s?[:/|]|bildquelle|credits?\s?:|"
    r"illustration(?: by|\s?:)|crédit(?:s)? photo|\(photo\b|\[photo\b|ap photo|getty images)",
    re.I,
)
_AGENCY_END = re.compile(
    r"(?:\bgetty images|\bvia (?:ap|afp|reuters|getty(?: images)?)|\b(?:ap|afp|reuters|epa|dpa|xinhua|shutterstock|imago|upi)/[\w .'-]{2,40}|"
    r"[\w.' -]{2,40}/(?:ap|afp|reuters|epa|epa-efe|dpa|getty(?: images)?|shutterstock|imago|upi|xinhua|file|pool|picture alliance)|"
    r"\b(?:file photo|ap photo|photo courtesy of .{2,60}|photo by .{2,60}|photo: .{2,60}|foto: .{2,60}|image: .{2,60}|picture: .{2,60}|bild: .{2,60}|©.{2,60}))[.)\]]?$",
    re.I,
)
# Who stands where in the picture: "Zelensky (left) may be forced to dismiss Syrsky (right)".
_PLACED = re.compile(
    r"[(\[](?:(?:from|second|third|far|top|bottom|above|below|von|de|à|a la)\s)?"
    r"(?:left|right|cent(?:er|re)|links|rechts|mitte|gauche|droite|izquierda|derecha)[)\]]",
    re.I,
)
_NOT_A_CREDIT = re.compile(
    r"(?:video|videos|photos|gallery|update[ds]?|live|exclusive|opinion|analysis|watch|report|part|\d).*",
    re.I,
)
# What the patterns above cannot do without, so that most lines are done without them.  No "i" in a credit's: the
# patterns take Turkish ones for it, which no folding makes equal.
_LABEL_INITIALS = frozenset("aAbBcCfFgGiIıİpP([")
_CREDIT_ENDS = ("ap", "afp", "reuters", "getty", "mages", "hoto")
_CREDIT_LENGTH = 100  # characters from the end, in which the longest credit has room
_SMALL = word_set(
    """of the and for via by from de la le du di da del der die das von und et y e in on at to media photo
    file image images archive courtesy handout provided"""
)

CAPTION_WORDS = 60  # at most; what is longer is a paragraph
CREDIT_WORDS = 6


def is_caption(text: str) -> bool:
    """Whether a line is a picture's caption for certain.

    Spared: sentences that end in a bracketed remark and go on with a full stop inside the
    line's prose, headings that end in an abbreviation of their own words ("… Forces (SDF)"),
    labels such as "(VIDEO)".
    """
    labelled = text[:1] in _LABEL_INITIALS and _LABELLED.match(text)
    bracketed = "(" in text or "[" in text
    credited = _is_credited(text)
    if not (labelled or bracketed or credited):
        return False
    count = len(words(text))
    if count > CAPTION_WORDS:
        return False
    if labelled and count >= 2:
        return True
    if credited and count >= 4:
        return True
    if not bracketed:
        return False
    placed = len(_PLACED.findall(text))
    if count >= 4 and (placed > 1 or (placed and text[-1] not in ".!?")):
        return True
    found = _BRACKETED.match(text)
    return found is not None and len(words(found["said"])) >= 3 and _is_credit(found["credit"], found["said"])


def _is_credited(text: str) -> bool:
    """Whether the line ends in an agency's credit."""
    end = text[-_CREDIT_LENGTH:].casefold()
    may_be = (
        "/" in end
        or ": " in end
        or "©" in end
        or "hoto " in end
        or end.rstrip(".)]\n").endswith(_CREDIT_ENDS)
    )
    return may_be and bool(_AGENCY_END.search(text, max(0, len(text) - _CREDIT_LENGTH)))


def _is_credit(credit: str, said: str) -> bool:
    """A name, an agency or a file note: words that start with a capital, no abbreviation of the line itself."""
    parts = credit.replace("/", " ").split()
    if len(parts) > CREDIT_WORDS or _NOT_A_CREDIT.fullmatch(credit) or any(c.isdigit() for c in credit):
        return False
    if not parts[0][:1].isupper() or not all(
        p[:1].isupper() or p.lower().strip(".,:'’") in _SMALL for p in parts
    ):
        return False
    if len(parts) == 1 and credit.isupper():
        initials = "".join(w[0] for w in words(said)).upper()
        return credit not in initials
    return True
