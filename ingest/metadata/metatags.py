"""What a page's head declares by name: meta elements, canonical link, language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from ingest.vocabulary.fragments import fragment_text
from ingest.vocabulary.words import squeeze

LONGEST = 5_000  # characters of one value
ELEMENTS = 1_000  # meta elements that are read


@dataclass(frozen=True, slots=True)
class MetaTags:
    """Values of the meta elements by lower-case name, in the order of the page, as they were written."""

    values: dict[str, list[str]] = field(default_factory=dict)

    def all(self, *names: str) -> Iterator[str]:
        """Values of the names, name by name, as plain text; empty ones are left out."""
        for name in names:
            for value in self.values.get(name, ()):
                if text := plain(value):
                    yield text

    def first(self, *names: str) -> str | None:
        return next(self.all(*names), None)


def plain(value: str) -> str:
    """A value as one line of text, mark-up and entities resolved."""
    # JSON may spell half of a surrogate pair, which no UTF-8 can hold
    text = value[:LONGEST].encode("utf-8", "replace").decode()
    return squeeze(fragment_text(text))


def meta_tags(tree: LexborHTMLParser) -> MetaTags:
    """The page's meta elements."""
    found: dict[str, list[str]] = defaultdict(list)
    for element in tree.css("meta[content]")[:ELEMENTS]:
        attributes = element.attributes
        value = attributes.get("content")
        if not value or len(value) > LONGEST:
            continue
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if name := attributes.get(attribute):
                found[name.strip().lower()].append(value)
    return MetaTags(dict(found))


def web_address(address: str | None, base: str | None) -> str | None:
    """An absolute http(s) address, or None."""
    if not address or len(address) > 2_000:
        return None
    try:
        joined = urljoin(base or "", address.strip())
        parts = urlsplit(joined)
    except ValueError:  # brackets that hold no IPv6 address
        return None
    return joined if parts.scheme in ("http", "https") and parts.netloc else None


def same_page(one: str | None, other: str | None) -> bool:
    """Whether two addresses name one page: host without www., path without trailing slash; query and scheme ignored."""
    return bool(one and other) and _page(one or "") == _page(other or "")


def _page(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return ("", address)
    return host.removeprefix("www.").removeprefix("m."), parts.path.rstrip("/").removesuffix("/amp")


def page_address(tree: LexborHTMLParser, tags: MetaTags, url: str | None) -> str | None:
    """The canonical address; `url` where the page declares none, or declares the home page for all pages."""
    link = tree.css_first('link[rel~="canonical" i][href]')
    declared = (link.attributes.get("href") if link else None) or tags.first("og:url")
    canonical = web_address(declared, url)
    if canonical is None:
        return url
    if url and urlsplit(canonical).path in ("", "/") and urlsplit(url).path not in ("", "/"):
        return url
    return canonical


def page_language(tree: LexborHTMLParser, tags: MetaTags) -> str | None:
    """The declared language as ISO 639-1, or None; declared is not measured: pages get it wrong."""
    root = tree.css_first("html")
    declared = (root.attributes.get("lang") or root.attributes.get("xml:lang")) if root else None
    value = declared or tags.first("content-language", "og:locale", "dc.language", "language") or ""
    code = value.replace("_", "-").split("-")[0].strip().lower()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None
