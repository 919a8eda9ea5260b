"""Titles of pages: which of the candidates, and without the site's name.

A part of a title ("Title - Site"; "Site: Title" is spared) is cut only where it
is known as a name of the site, or follows a stroke ("Title | Anything").
"Agreement" of two titles is by their words, so that punctuation, case and a
sub-title do not part them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from urllib.parse import urlsplit

from ingest.vocabulary.wordlists import word_set
from ingest.vocabulary.words import fold, name_key, words

LONGEST = 400  # characters; longer is a text, not a title
AGREE = 0.6  # share of the shorter title's words that the longer must hold; chosen on 1,449 development pages

NAME_WORDS = 5  # words of a tail that is taken for the site's because it holds its name
HEAD_WORDS = 3  # words before a stroke that are a title by themselves

_STROKE = re.compile(r"\s?[|｜]\s?")
_STOPS = frozenset(".,:;?!-–—")
_MARKS = " ¶#|｜"  # at a title's end: of a heading's own link, strokes before nothing
_SEPARATOR = re.compile(r"\s[|·•»«:/>—–-]{1,2}\s|\s?[|｜]\s?|\s—|—\s")
_LOOSE = re.compile(r"\w\s[:;,?!]")  # a blank before the stop, where an element ended
# Second-level labels under which sites register ("bbc.co.uk" is the site bbc, not co).
_PUBLIC = word_set("co com org net ac gov edu gob gouv or ne go govt")
_EMPTY = word_set("home homepage startseite accueil inicio untitled index article news")


def domain_names(url: str | None) -> list[str]:
    """What the host of an address says of the site's name: "www.thenews.co.uk" → ["thenews", "thenews.co.uk"]."""
    try:
        host = urlsplit(url or "").hostname or ""
    except ValueError:  # brackets that hold no IPv6 address
        return []
    labels = [label for label in host.split(".") if label not in ("www", "m", "amp", "mobile")]
    if len(labels) < 2:
        return []
    registered = labels[:-1]
    while len(registered) > 1 and registered[-1] in _PUBLIC:
        registered.pop()
    return [registered[-1], ".".join(labels)]


def name_keys(names: Iterable[str]) -> frozenset[str]:
    """Keys of all names by which the site is known."""
    return frozenset(key for name in names if (key := name_key(name)))


def _names_site(part: str, separator: str, site: Collection[str]) -> bool:
    """Whether a part of a title is a name of the site, or a short one that holds the name ("Doom9's Forum")."""
    key = name_key(part)
    if key in site:
        return True
    inside = part.split()
    if len(inside) <= NAME_WORDS and any(len(name) > 3 and name in key for name in site):
        return True
    return (
        "|" in separator and len(inside) <= 4 and any(len(k := name_key(w)) > 3 and k in site for w in inside)
    )


def without_site(title: str, site: Collection[str]) -> str:
    """The title without the parts at its end, else at its start, that are names of the site; never empty.

    What follows a stroke is the site's or the section's even where no name is known; but not after
    one or two words, which are the kicker of what follows ("Opinion | Let the bridge be").
    """
    title = title.rstrip(_MARKS)
    while cuts := list(_SEPARATOR.finditer(title)):
        last, first = cuts[-1], cuts[0]
        head = title[: last.start()].rstrip(_MARKS)
        if head and _names_site(title[last.end() :], last[0], site):
            title = head
        elif first.start() and name_key(title[: first.start()]) in site and title[first.end() :].strip():
            title = title[first.end() :].lstrip()
        else:
            break
    for stroke in _STROKE.finditer(title):
        head = title[: stroke.start()].rstrip()
        if len(words(head)) >= HEAD_WORDS:
            return without_site(head, site)
    return title


def agreement(one: str, other: str) -> float:
    """Share of the shorter title's words that the longer holds too, 0 … 1; 0 for fewer than two words unless equal."""
    first, second = set(words(fold(one))), set(words(fold(other)))
    shorter = min(first, second, key=len)
    if first == second and first:
        return 1.0
    if len(shorter) < 2:
        return 0.0
    return len(first & second) / len(shorter)


def agree(one: str, other: str) -> bool:
    """Whether two titles name the same story."""
    return agreement(one, other) >= AGREE


def is_name_of_site(title: str, site: Collection[str]) -> bool:
    """Whether a would-be title is the site's name, or says nothing."""
    key = name_key(title)
    return not key or key in site or key in _EMPTY


def _closeness(one: str, other: str) -> float:
    first, second = set(words(fold(one))), set(words(fold(other)))
    return len(first & second) / len(first | second) if first else 0.0


def _as_declared(heading: str, headlines: Sequence[str], told: Sequence[str]) -> str:
    """The heading, or a declared title that says the same with the stops that mark-up stood for, or without its label."""
    shown = words(fold(heading))
    for text in told:
        if words(fold(text)) == shown and (_LOOSE.search(heading) or _stops(text) > _stops(heading)):
            return text
    times = Counter(map(fold, told))
    for text in told:
        own = words(fold(text))
        sure = text in headlines or times[fold(text)] > 1
        if sure and 3 <= len(own) < len(shown) and shown[-len(own) :] == own:
            return text
    return heading


def _stops(text: str) -> int:
    return sum(character in _STOPS for character in text)


def best_title(
    headings: Sequence[str], headlines: Sequence[str], declared: Sequence[str], site: Collection[str]
) -> str | None:
    """The visible heading that a declared title confirms, else a lone heading, else the first declared title.

    `headings`: texts of the page's h1, in order.  `headlines`: of JSON-LD.  `declared`: Open Graph title,
    <title> …, most trusted first.  A lone heading that nothing confirms is a slogan where two
    declarations say the same other title.  None rather than the site's name.
    """
    shown = [
        without_site(text, site)
        for text in headings
        if len(text) <= LONGEST and not is_name_of_site(text, site)
    ]
    told_headlines = _told(headlines, site)
    told = [*told_headlines, *_told(declared, site)]
    confirmed = [text for text in shown if any(agree(text, other) for other in told)]
    if confirmed:
        best = max(confirmed, key=lambda text: max(_closeness(text, other) for other in told))
        return _as_declared(best, told_headlines, told)
    if len(shown) == 1:
        return _said_twice(told) or shown[0]
    return told[0] if told else None


def _told(declared: Iterable[str], site: Collection[str]) -> list[str]:
    cut = (without_site(text, site) for text in declared if len(text) <= LONGEST)
    return [text for text in cut if not is_name_of_site(text, site)]


def _said_twice(told: Sequence[str]) -> str | None:
    """The first title that is declared more than once."""
    times = Counter(map(fold, told))
    return next((text for text in told if times[fold(text)] > 1), None)
