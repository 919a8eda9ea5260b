"""Names of authors: from byline lines, and from what a page declares.

Spared, that is never taken for a name: staff, desks, agencies, sites, roles,
companies, addresses.  A line gives names only where the whole of it reads as a
byline; a bare "Jane Doe" does not, since it may be a person of the story.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from ingest.vocabulary.dates import date_line, dates_in
from ingest.vocabulary.namewords import COMPANIES, CREDENTIALS, NOT_NAMES, OUTLET_ENDINGS, PARTICLES
from ingest.vocabulary.words import fold, name_key, squeeze

LONGEST = 200  # characters of a byline
WORDS = 25  # words of a byline
VALUE = 1_000  # characters of a declared list of names
AUTHORS = 30

_BY = (
    r"(?:(?:written|reported|words|story|posted|published|article|text|analysis|review|interview|report|opinion)\s)?by"
    r"|von|par|por|di|door|av|af|scritto\sda|escrito\spor|geschrieben\svon|écrit\spar"
)
_LABEL = re.compile(
    rf"(?:(?:{_BY})\b\s?:?|(?:authors?|writer|reporter|autor|autorin|autoren|autores|autora|text|auteur|auteurs|autore"
    r"|tekst|autorzy|yazar|haber|kirjoittaja|автор|текст|byline)\s?:|(?:文|取材|記者|作者|撰文|글)\s?[・:：])\s*",
    re.IGNORECASE,
)
_BARE_LABEL = re.compile(
    rf"[^\w]?\s?(?:{_BY}|authors?|autor(?:en|in)?|auteurs?|escrito|verfasst\svon)\s?:?", re.IGNORECASE
)
_AND = re.compile(
    r"\s*(?:;|，|、|\||/|•|\s&\s|\s\+\s|,\s(?:and|und|et|y|e|og|och|en|ve)\s)\s*", re.IGNORECASE
)
_AND_WORD = re.compile(r"\s(?:and|und|et|y|e|i|og|och|en|ve|with|и)\s", re.IGNORECASE)
_AGENCY = (
    "Reuters|AFP|AP|dpa|DPA|EFE|ANSA|APA|PA|PTI|ANI|IANS|TASS|Bloomberg|The Associated Press|Associated Press"
    "|Agence France-Presse|Press Association"
)
_ROLE = "Staff Writer|Correspondent|Reporter|Editor|Columnist|Staff|Writer"
_SOURCE = re.compile(rf"(?:{_AGENCY}|(?:[A-Z][a-z]{{1,15}}\s){{0,3}}(?:{_ROLE}))")
# A line without a label is a byline where a source stands behind the name: seldom, and this is seen fast.
_HOLDS_SOURCE = re.compile(f"{_AGENCY}|{_ROLE}")
_HOLDS_BREAK = re.compile("[,|•·–—-]")
_PLACE = re.compile(r"\s(?:in|aus|for|für|à|em|en|i)\s(?:[A-Z][\w'’.-]{0,30}(?:\s|$)){1,4}$")
_BREAK = re.compile(r"\s?[|•·]\s?|\s[-–—]\s")
_CJK = re.compile(
    r"[\u3400-\u9fff\u3040-\u30ff]{2,8}(?:[\s・·][\u3400-\u9fff\u3040-\u30ff]{1,8})?|[\uac00-\ud7a3]{2,4}"
)
_ADDRESS = re.compile(
    r"\S{1,100}@|https?:|www\.|\.[a-z]{2,3}\b(?<!\bjr)(?<!\bst)|[@#\\_=<>{}\[\]]", re.IGNORECASE
)
_INITIAL = re.compile(r"(?:[^\W\d_]\.?-?){1,3}\.?")
_BRACKETED = re.compile(r"\s?\([^()]{0,80}\)")


def _is_word_of_name(word: str) -> bool:
    bare = word.strip(".,'’")
    if not bare or not all(c.isalpha() or c in ".'’-‐ʼ" or "\u0300" <= c <= "\u0dff" for c in word):
        return False
    return bare[0].isupper() or bare[0].lower() == bare[0].upper()


def _is_not_name(word: str) -> bool:
    bare = word.strip(",").casefold()
    return bare in NOT_NAMES or (len(bare) > 2 and bare.rstrip(".") in NOT_NAMES)


def is_name(text: str, *, strict: bool = True) -> bool:
    """Whether a text reads as one person's name; `strict` asks for a first and a last name, each capitalised."""
    if not 2 <= len(text) <= 60 or any(c.isdigit() for c in text) or _ADDRESS.search(text):
        return False
    if _CJK.fullmatch(text):
        return not text.endswith(OUTLET_ENDINGS)
    parts = text.split()
    if len(parts) > 6 or any(map(_is_not_name, parts)):
        return False
    own = [
        part
        for part in parts
        if part.casefold() not in PARTICLES and not part.startswith(("d'", "d’", "al-", "el-"))
    ]
    if len(parts) == 1:
        # one word may be a first name or an account: not where it is an acronym or is written together
        return (
            not strict
            and len(text) > 2
            and text.isalpha()
            and _is_word_of_name(text)
            and (text[1:].islower() or not text[0].isascii())
        )
    return bool(own) and all(map(_is_word_of_name, own)) and not all(len(part) == 1 for part in own)


def _split(text: str) -> list[str]:
    """The names in a list of names, however they are joined."""
    names: list[str] = []
    for piece in _AND.split(text):
        pieces = _AND_WORD.split(piece)
        # "José Ortega y Gasset": a word between single names belongs to them
        if len(pieces) > 1 and not all(len(part.split(",")[-1].split()) >= 2 for part in pieces):
            pieces = [piece]
        for part in pieces:
            names += part.split(",")
    return [
        name.strip(" \t.:;–—-") if not _INITIAL.fullmatch(name.strip()) else name.strip()
        for name in names
        if name.strip()
    ]


def _cleaned(name: str) -> str:
    name = _BRACKETED.sub("", squeeze(name))
    if label := _LABEL.match(name):
        name = name[label.end() :]
    words = name.split()
    while len(words) > 2 and words[-1].strip(".,®").replace(".", "").casefold() in CREDENTIALS:
        words.pop()
    return " ".join(words).strip(" ,;:|–—-®")


def names_of(values: Iterable[str], *, site: Collection[str] = (), strict: bool = False) -> tuple[str, ...]:
    """Names of persons among declared values ("By Jane Doe and John Smith", "Staff"), each once, in order.

    `site`: keys (`ingest.vocabulary.words.name_key`) of the names of the site.
    """
    found: dict[str, str] = {}
    for value in values:
        if (
            len(value) > VALUE
            or "://" in value
            or "@" in value
            or not COMPANIES.isdisjoint(value.casefold().split())
        ):
            continue
        full = False  # after "Jane Doe," a single word is a title or a town
        for part in _split(squeeze(value)):
            name = _cleaned(part)
            if is_name(name, strict=strict or full) and name_key(name) not in site:
                found.setdefault(fold(name), name)
                full = full or len(name.split()) > 1
            elif len(name.split()) > 1:
                break  # the rest describes the person, or says where the desk is
    return tuple(found.values())[:AUTHORS]


def _is_extra(text: str) -> bool:
    """Whether a piece beside the names is a date, a source or a role."""
    text = text.strip(" ,;")
    return not text or bool(_SOURCE.fullmatch(text)) or date_line(text) is not None


def is_byline_label(text: str) -> bool:
    """Whether a text is nothing but the word before a name: "By", "Written by:"."""
    return len(text) <= 20 and bool(_BARE_LABEL.fullmatch(text.strip()))


def authors_of(line: str) -> tuple[str, ...]:
    """The names of a byline ("By Jane Doe and John Smith", "Jane Doe, Reuters"); () for any other line."""
    if len(line) > 2 * LONGEST:
        return ()
    line = squeeze(line)
    label = _LABEL.match(line)
    if not line or len(line) > LONGEST or line[-1] in "!?…":
        return ()
    if not label and not (_HOLDS_BREAK.search(line) and _HOLDS_SOURCE.search(line)):
        return ()
    rest = line[label.end() :] if label else line
    if len(rest.split()) > WORDS:
        return ()
    if dates := dates_in(rest):  # "By Jane Doe, 22 August 2016": the date and all after it
        if date_line(rest[dates[0].start :]) is None:
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
    people = [_cleaned(part) for part in _split(_PLACE.sub("", names))]
    people = [name for name in people if name.replace(".", "").casefold() not in CREDENTIALS]
    if not people or not all(map(is_name, people)):
        return ()
    return tuple({fold(name): name for name in people}.values())


def is_byline(line: str) -> bool:
    """Whether the line is a byline and nothing else; strict, so that false says little."""
    return bool(authors_of(line))
