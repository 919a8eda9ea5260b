"""Names of authors: from byline lines, and from what a page declares.

Spared, that is never taken for a name: staff, desks, agencies, sites, roles,
addresses, accounts.  A line gives names only where the whole of it reads as a
byline; a bare "Jane Doe" does not, since it may be a person of the story.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from ingest.dates import dates_in, date_line
from ingest.titles import name_key
from ingest.words import fold, squeeze

LONGEST = 200  # characters of a byline
AUTHORS = 30

# Words that no name of a person holds: who is named so is a desk, a role or an outlet.
_NOT_NAMES = frozenset(
    """admin administrator staff team desk editor editors editorial newsroom news press agency agencies wire wires reporter reporters
    correspondent correspondents writer writers contributor contributors author authors guest newspaper magazine media
    online digital network group inc ltd llc gmbh company corporation institute university department office service
    services bureau board association society foundation reuters afp dpa bloomberg redaktion redakteur redakteurin
    redaktør redaksjonen redacción redacao redação redazione rédaction redactie redakcja redaktionen agentur agence agencia agenzia
    journalist journalistin journaliste periodista producer photographer columnist analyst critic chief senior deputy assistant
    associate manager director president officer specialist strategist consultant head marketing content support sponsored
    advertisement politics business sport sports culture opinion video photo photos podcast anonymous unknown null undefined none
    user webmaster moderator blog website tv radio channel weekly daily times post herald tribune gazette journal
    monday tuesday wednesday thursday friday saturday sunday january february march april june july august september
    october november december the a an this that these those our your their his her its popular demand royal
    appointment invitation only all how why what when where who published updated posted share subscribe read more min
    minutes ago today yesterday""".split()
) - {"april", "june", "august"}  # given names
_PARTICLES = frozenset(
    "de da do dos das del della di du des la le los las el al ul von vom zu zum zur van der den ten ter bin ibn abu ben bint e y i af av d' d’ st".split()
)
_TITLES = re.compile(
    r"^(?:(?:dr|prof|mr|mrs|ms|sir|mag|dipl|ing)\.?\s)+|,?\s(?:ph\.?\s?d|m\.?d|mba|msc|m\.a|rn|esq|jr)\.?$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\s*(?:(?:written|reported|words|story|posted|published|text|analysis|review|interview|report|opinion)\s+by\b:?"
    r"|by\b:?|author:|authors:|writer:|reporter:|von\b:?|autor:|autorin:|autoren:|text:|par\b\s?:?|auteur\s?:|por\b:?|autores:|di\b:?"
    r"|autore:|door\b:?|auteur:|av\b:?|af\b:?|tekst:|autorzy:|yazar:|haber:|kirjoittaja:|автор:|текст:|文・?:?：?|記者：|作者：|作者:|撰文：)\s*",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*(?:;|，|、|\||/|\s&\s|\s\+\s|,\s(?:and|und|et|y|e|og|och|en|ve)\s)\s*", re.IGNORECASE)
_AND_WORD = re.compile(r"\s(?:and|und|et|y|e|i|og|och|en|ve|with|и)\s", re.IGNORECASE)
_SOURCE = re.compile(
    r"(?:Reuters|AFP|AP|dpa|DPA|EFE|ANSA|APA|PA|PTI|ANI|IANS|TASS|Bloomberg|The Associated Press|Associated Press"
    r"|Agence France-Presse|Press Association|(?:[A-Z][a-z]+\s){0,3}(?:Staff Writer|Correspondent|Reporter|Editor|Columnist|Staff|Writer))",
)
_PLACE = re.compile(r"\s(?:in|aus|for|für|à|em|en|i)\s(?:[A-Z][\w'’.-]*(?:\s|$)){1,4}$")
_BREAK = re.compile(r"\s?[|•·]\s?|\s[-–—]\s")
_CJK = re.compile(
    r"[\u3400-\u9fff\u3040-\u30ff]{2,8}(?:[\s・·][\u3400-\u9fff\u3040-\u30ff]{1,8})?|[\uac00-\ud7a3]{2,4}"
)
_ADDRESS = re.compile(r"\S{1,100}@\S{1,100}|https?:|www\.|\.com\b|[@#/\\_=<>{}\[\]]")


def _is_word_of_name(word: str) -> bool:
    bare = word.strip(".,'’")
    if not bare or not all(c.isalpha() or c in ".'’-‐ʼ" for c in word):
        return False
    return bare[0].isupper() or (bare[0].isalpha() and bare[0].lower() == bare[0].upper())


def is_name(text: str, *, strict: bool = True) -> bool:
    """Whether a text reads as one person's name; `strict` asks for a first and a last name, each capitalised."""
    if not 2 <= len(text) <= 60 or _ADDRESS.search(text):
        return False
    if _CJK.fullmatch(text):
        return True
    parts = text.split()
    if any(part.strip(".,").casefold() in _NOT_NAMES for part in parts):
        return False
    if any(c.isdigit() for c in text) or not 1 + strict <= len(parts) <= 6:
        return False
    inner = [
        part
        for part in parts
        if part.casefold() not in _PARTICLES and not part.startswith(("d'", "d’", "al-", "el-"))
    ]
    return len(inner) >= 1 + (strict and len(parts) == len(inner)) and all(map(_is_word_of_name, inner))


def _split(text: str) -> list[str]:
    """The names in a list of names, however they are joined."""
    names: list[str] = []
    for piece in _AND.split(text):
        pieces = _AND_WORD.split(piece)
        # "José Ortega y Gasset": a word between single names belongs to them
        if len(pieces) > 1 and not all(len(part.split(",")[-1].split()) >= 2 for part in pieces):
            pieces = [piece]
        for part in pieces:
            names += part.split(",") if "," in part else [part]
    return [name.strip(" \t.:;–—-") for name in names if name.strip()]


def _cleaned(name: str) -> str:
    name = re.sub(r"\s?\([^()]{0,80}\)", "", squeeze(name))
    name = (
        _LABEL.sub("", name, count=1)
        if re.match(r"by\b|von\b|par\b|por\b|author:", name, re.IGNORECASE)
        else name
    )
    return _TITLES.sub("", name).strip(" ,;:|–—-")


def names_of(values: Iterable[str], *, site: Collection[str] = (), strict: bool = False) -> tuple[str, ...]:
    """Names of persons among declared values ("By Jane Doe and John Smith", "Staff"), each once, in order.

    `site`: keys (`ingest.titles.name_key`) of the names of the site.
    """
    found: dict[str, str] = {}
    for value in values:
        if len(value) > 1_000:
            continue
        for name in _split(squeeze(value)):
            name = _cleaned(name)
            if is_name(name, strict=strict) and name_key(name) not in site:
                found.setdefault(fold(name), name)
    return tuple(found.values())[:AUTHORS]


def _is_extra(text: str) -> bool:
    """Whether a piece beside the names is a date, a source or a role."""
    text = text.strip(" ,;")
    return not text or bool(_SOURCE.fullmatch(text)) or date_line(text) is not None


def authors_of(line: str) -> tuple[str, ...]:
    """The names of a byline ("By Jane Doe and John Smith", "Jane Doe, Reuters"); () for any other line."""
    line = squeeze(line[: LONGEST + 1])
    if not line or len(line) > LONGEST or line[-1] in "!?…" or len(line.split()) > 25:
        return ()
    label = _LABEL.match(line)
    rest = line[label.end() :] if label else line
    if dates := dates_in(rest):  # "By Jane Doe, 22 August 2016": the date and all after it
        tail = rest[dates[0].start :]
        if date_line(tail) is None:
            return ()
        rest = rest[: dates[0].start].rstrip(" ,|•·–—-")
    pieces = [piece for piece in _BREAK.split(rest) if piece.strip()]
    if not pieces:
        return ()
    names, extras = pieces[0], pieces[1:]
    while "," in names and _is_extra(names.rsplit(",", 1)[1]):
        names, _, source = names.rpartition(",")
        extras.append(source)
    if not label and not any(_SOURCE.fullmatch(piece.strip()) for piece in extras):
        return ()
    if not all(map(_is_extra, extras)):
        return ()
    names = _PLACE.sub("", names)
    parts = _split(names)
    people = [_cleaned(part) for part in parts]
    if not people or not all(map(is_name, people)):
        return ()
    return tuple({fold(name): name for name in people}.values())


def is_byline(line: str) -> bool:
    """Whether the line is a byline and nothing else; strict, so that false says little."""
    return bool(authors_of(line))
