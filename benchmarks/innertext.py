"""The flat dump of a page: about what a browser's innerText gives, without style sheets.

One line a block box, an empty line around paragraphs, headings, lists, tables and quotations; what an attribute or
an inline style hides is left out.  Menus, teasers, forms and comments stay: this is what flat text must be
cleaned of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.vocabulary.wordlists import word_set

_APART = word_set("p h1 h2 h3 h4 h5 h6 ul ol table blockquote pre")
_BLOCK = word_set(
    """address article aside body center dd details dialog dir div dl dt fieldset figcaption figure footer form
    header hgroup hr html legend li main menu nav optgroup option search section summary tbody tfoot thead tr"""
)
_CELL = word_set("td th")
_UNSEEN = word_set(
    """audio canvas datalist head iframe input math noscript object script style svg template textarea video"""
)


def inner_text(html: str) -> str:
    import lxml.html  # here, so that only who makes dumps pays for it

    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    return text_of(lxml.html.fromstring(html.encode("utf-8", "replace"), parser=parser))


def text_of(element) -> str:  # type: ignore[no-untyped-def]
    """The same of one element of a tree that lxml parsed."""
    text = re.sub(" {2,}", " ", "".join(_pieces(element)))
    text = re.sub("[ \u00a0]*\n[ \u00a0]*", "\n", text)
    return re.sub("\n{3,}", "\n\n", text).strip()


def _pieces(root) -> Iterator[str]:  # type: ignore[no-untyped-def]
    from lxml.etree import iterwalk

    walk = iterwalk(root, events=("start", "end", "comment", "pi"))
    skipped = None
    for event, element in walk:
        if event == "start":
            if element.tag in _UNSEEN or _is_hidden(element):
                skipped = element
                walk.skip_subtree()
                continue
            yield "\n" if element.tag == "br" else _gap(element.tag)
            yield _folded(element.text)
            continue
        if event == "end" and element is not skipped:
            yield "\t" if element.tag in _CELL else _gap(element.tag)
        if element is not root:
            yield _folded(element.tail)


def _gap(tag: str) -> str:
    return "\n\n" if tag in _APART else "\n" if tag in _BLOCK else ""


def _folded(text: str | None) -> str:
    return re.sub(r"\s+", " ", text) if text else ""


def _is_hidden(element) -> bool:  # type: ignore[no-untyped-def]
    style = (element.get("style") or "").replace(" ", "").lower()
    return element.get("hidden") is not None or "display:none" in style or "visibility:hidden" in style
