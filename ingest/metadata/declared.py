"""Dates and authors that a page declares to machines: JSON-LD, meta elements, microdata, its address."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from ingest.metadata.jsonld import Node, strings_of, types_of
from ingest.metadata.metatags import MetaTags, plain
from ingest.vocabulary.bylines import names_of
from ingest.vocabulary.dates import date_of_value
from ingest.vocabulary.wordlists import word_set, word_tuple

SITES = word_set("Organization NewsMediaOrganization WebSite Corporation")
THREADS = word_set("DiscussionForumPosting Question SocialMediaPosting")
_URL_DATE = re.compile(r"/(20\d\d)[/-](\d\d|[a-z]{3,9})[/-](\d\d)(?!\d)", re.IGNORECASE)
_PUBLISHED = word_tuple(
    """article:published_time og:published_time article:published article.published published_time datepublished
    og:article:published_time og:pubdate pubdate publish_date publish-date publishdate publication_date publication-date
    parsely-pub-date sailthru.date cxenseparse:recs:publishtime cxenseparse:publishtime dc.date.issued dcterms.issued
    dc.date.published dc.date dcterms.date dc.date.created dcterms.created citation_publication_date citation_date
    rnews:datepublished article_date_original originalpublicationdate pub_date published date date_published
    datecreated last-published"""
)
_PUBLISHED_LIKE = re.compile(
    r"publi(?:sh|cation)\w{0,5}[-_.: ]?(?:date|time|on)|(?:date|time)[-_.: ]?publi(?:sh|cation)"
)
_AUTHORS = word_tuple(
    """author article:author parsely-author sailthru.author dc.creator dcterms.creator byl citation_author og:author
    cxenseparse:author"""
)


def _first_date(values: Iterable[str]) -> str | None:
    for value in values:
        iso = date_of_value(value)
        if iso and not iso.startswith("1970-01-01"):  # the zero of computers' clocks, not a date
            return iso
    return None


def is_shelf(nodes: Iterable[Node], tags: MetaTags, addresses: Iterable[str]) -> bool:
    """Whether the page is a site's front or a product: the dates that it shows are of other things."""
    if "product" in (tags.first("og:type") or "") or any("Product" in types_of(node) for node in nodes):
        return True
    parts = [urlsplit(address) for address in addresses]
    return bool(parts) and all(part.path in ("", "/") and not part.query for part in parts)


def declared_date(
    tree: LexborHTMLParser,
    nodes: Sequence[Node],
    article: Node | None,
    tags: MetaTags,
    addresses: Sequence[str],
) -> str | None:
    """The date of publication, ISO form; None where none is declared, or only for the web page around no article.

    Spared: dates of a change.  A `WebPage` alone is dated by every content
    system: with no article beside it its date was right on 2 of 42 pages.
    """
    if article and (iso := _first_date(strings_of(article.get("datePublished")))):
        return iso
    if is_shelf(nodes, tags, addresses):
        return None
    alike = (value for name in tags.values if _PUBLISHED_LIKE.search(name) for value in tags.all(name))
    if iso := _first_date([*tags.all(*_PUBLISHED), *alike]):
        return iso
    for element in tree.css('[itemprop~="datePublished"], time[pubdate]')[:5]:
        attributes = element.attributes
        if iso := _first_date([attributes.get("datetime") or attributes.get("content") or element.text()]):
            return iso
    for address in addresses:
        if match := _URL_DATE.search(address):
            year, month, day = match.groups()
            return date_of_value(f"{year}-{month}-{day}" if month.isdigit() else f"{day} {month} {year}")
    if article is None:
        return None
    pages = [
        value
        for node in nodes
        if "WebPage" in types_of(node)
        for value in strings_of(node.get("datePublished"))
    ]
    return _first_date([*pages, *strings_of(article.get("dateCreated"))])


def _told_names(article: Node, nodes: Iterable[Node]) -> list[str]:
    """Names under `author`, references ({"@id": …}) followed; organisations are left out."""
    people = {str(node["@id"]): node for node in nodes if node.get("@id") and node.get("name")}
    value = article.get("author")
    names: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        person = item
        if isinstance(item, dict) and not item.get("name"):
            person = people.get(str(item.get("@id")), item)
        if not isinstance(person, dict) or types_of(person).isdisjoint(SITES):
            names += map(plain, strings_of(person))
    return names


def declared_authors(
    nodes: Sequence[Node], article: Node | None, tags: MetaTags, site: Collection[str]
) -> tuple[str, ...]:
    """Names of the persons declared as authors; of a forum's thread the account that opened it.

    `site`: keys of the site's names, which are no authors.
    """
    told = _told_names(article, nodes) if article else []
    if article and types_of(article) & THREADS and told:
        return (told[0],) if len(told[0]) <= 60 else ()
    if names := names_of(told, site=site):
        return names
    for key in _AUTHORS:
        if names := names_of(tags.all(key), site=site):
            return names
    # "Written by" and its value, next to "Reading time" and its: hence strict
    return names_of(tags.all("twitter:data1"), site=site, strict=True)
