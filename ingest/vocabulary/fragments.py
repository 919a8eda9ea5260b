"""Text of HTML fragments: values of JSON and feeds, lines of flat text that carry mark-up.

Spared, byte for byte: text without mark-up, comparisons ("a < b", "x<y and
z>w"), ampersands that open no entity ("AT&T", "?a=1&copy=2"), addresses in
angle brackets ("<jane@example.org>").
"""

from __future__ import annotations

import html
import re

from ingest.vocabulary.wordlists import word_set

TREE_LIMIT = (
    100_000  # characters; a longer fragment loses its tags without a tree, which is slow on deep nesting
)
ROUNDS = 2  # mark-up that was escaped as a whole ("&lt;p&gt;") is mark-up: read once more

_BLOCK = word_set(
    "address article aside blockquote br center dd details dialog dir div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr li main nav ol optgroup option p pre section summary table tbody td tfoot th "
    "thead tr ul"
)
_SILENT = ("script", "style", "noscript", "template", "iframe", "svg")
_NAMES = _BLOCK | word_set(
    "a abbr acronym area audio b base basefont bdi bdo big body button canvas caption cite code col colgroup data "
    "datalist del dfn em embed font frame frameset head html i iframe img input ins kbd label legend link map mark "
    "meta meter nobr noscript object output param picture progress q rb rp rt rtc ruby s samp script select small "
    "source span strike strong style sub sup svg template textarea time title track tt u var video wbr"
)
# [^<>] stops at the next bracket, so that a scan over any text takes linear time
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]{0,40})([^<>]{0,4000})>", re.ASCII)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_COMMENT = re.compile(
    r"<!--[^<>]{0,4000}-->|<!\[CDATA\[|\]\]>|<\?xml[^<>]{0,200}\?>|<!doctype[^<>]{0,400}>",
    re.DOTALL | re.IGNORECASE,
)
_FIRST_ATTRIBUTE = re.compile(r"\s+[\w:@.-]{1,60}\s*=")
_ESCAPED_TAG = re.compile(r"</[a-zA-Z]|<(?:br|p|hr|img)\b[^<>]{0,200}>")


def _is_tag(closing: str, name: str, rest: str) -> bool:
    attributes = rest.rstrip("/").rstrip()
    written = bool(_FIRST_ATTRIBUTE.match(attributes)) or '="' in attributes or "='" in attributes
    if name.lower() in _NAMES:
        return not attributes or (written and not closing)
    # unknown names: custom and prefixed elements ("amp-img", "o:p"), and whatever has a quoted attribute
    return (not attributes and (":" in name[1:-1] or ("-" in name and bool(closing)))) or '="' in attributes


def has_markup(text: str) -> bool:
    """Whether the text holds a tag or an entity; cheap for text that does not."""
    if "&" in text and _ENTITY.search(text):
        return True
    if "<" not in text:
        return False
    return bool(_COMMENT.search(text)) or any(_is_tag(*match.groups()) for match in _TAG.finditer(text))


def _entities(text: str) -> str:
    # html.unescape alone also reads "&copy=2", which browsers do not in attributes and people do not mean
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text)


def _rendered(fragment: str) -> str:
    from bs4 import BeautifulSoup, Comment  # here: it takes long to load, and most processes meet no fragment

    fragment = _COMMENT.sub(" ", fragment)
    pieces: list[str] = []
    last, tags = 0, 0
    for match in _TAG.finditer(fragment):
        if not _is_tag(*match.groups()):
            continue
        tags += 1
        # blocks part lines; the breaks go into the source, since inserting them into a deep tree takes quadratic time
        tag = f"\n{match[0]}\n" if match[2].lower() in _BLOCK else match[0]
        pieces += [fragment[last : match.start()].replace("<", "&lt;"), tag]
        last = match.end()
    if not tags:
        return _entities(fragment)
    pieces.append(fragment[last:].replace("<", "&lt;"))
    if len(fragment) > TREE_LIMIT:
        return _entities("".join(" " if piece.lstrip().startswith("<") else piece for piece in pieces))
    # ampersands of no entity are written out, or the parser would guess at them
    source = re.sub(r"&(?!(?:#\w{1,7}|[a-zA-Z][a-zA-Z0-9]{1,31});)", "&amp;", "".join(pieces))
    tree = BeautifulSoup(source, "html.parser")
    for element in tree.find_all(_SILENT):
        element.extract()
    return "".join(string for string in tree.strings if not isinstance(string, Comment))


def fragment_text(value: str) -> str:
    """The visible text of a fragment, block elements on lines of their own; the same string where there is no mark-up.

    Scripts, styles and comments are dropped, entities resolved, also where a
    whole fragment was escaped once too often.  Never raises.
    """
    text = value
    for _ in range(ROUNDS):
        if not has_markup(text):
            break
        lines = map(str.strip, _rendered(text).split("\n"))
        text = "\n".join(line for line in lines if line)
        if not (_ESCAPED_TAG.search(text) or _ENTITY.search(text)):
            break
    return text
