"""What an HTML page says about itself: title, date, authors, language, site, address.

Sources, most trusted first: JSON-LD of the article that this page is, Open
Graph and other meta elements, microdata, the headline and the date beside it.
Nothing rather than a guess: a site's name is not a title, a modification no
publication, a desk no author.  Orders and thresholds were chosen on the 1,499
development pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from ingest.bylines import names_of
from ingest.dates import date_of_value
from ingest.headlines import (
    Beside,
    authors_beside,
    beside,
    date_beside,
    earlier_date,
    headings_of,
    shown_text,
)
from ingest.jsonld import Node, nodes_of, strings_of, types_of
from ingest.metatags import MetaTags, meta_tags, page_address, page_language, plain, same_page
from ingest.model import PageFacts
from ingest.titles import agree, best_title, domain_names, name_key, name_keys

_URL_DATE = re.compile(r"/(20\d\d)[/-](\d\d)[/-](\d\d)(?!\d)")
_PUBLISHED_LIKE = re.compile(
    r"publi(?:sh|cation)\w{0,5}[-_.: ]?(?:date|time|on)|(?:date|time)[-_.: ]?publi(?:sh|cation)"
)
ARTICLES = frozenset(
    "Article NewsArticle AnalysisNewsArticle AskPublicNewsArticle BackgroundNewsArticle OpinionNewsArticle "
    "ReportageNewsArticle ReviewNewsArticle AdvertiserContentArticle SatiricalArticle ScholarlyArticle "
    "MedicalScholarlyArticle TechArticle BlogPosting LiveBlogPosting SocialMediaPosting DiscussionForumPosting "
    "Report Question".split()
)
_THREADS = frozenset(("DiscussionForumPosting", "Question", "SocialMediaPosting"))
_SITES = frozenset("Organization NewsMediaOrganization WebSite Corporation".split())
_PUBLISHED = (
    "article:published_time og:published_time article:published article.published published_time datepublished "
    "og:article:published_time og:pubdate pubdate publish_date publish-date publishdate publication_date publication-date "
    "parsely-pub-date sailthru.date cxenseparse:recs:publishtime cxenseparse:publishtime dc.date.issued dcterms.issued "
    "dc.date.published dc.date dcterms.date dc.date.created dcterms.created citation_publication_date citation_date "
    "rnews:datepublished article_date_original originalpublicationdate pub_date published date date_published "
    "datecreated last-published"
).split()
_AUTHORS = "author article:author parsely-author sailthru.author dc.creator dcterms.creator byl citation_author og:author cxenseparse:author".split()


def _about_page(node: Node, addresses: Sequence[str | None]) -> bool:
    told = [
        *strings_of(node.get("url"), "@id"),
        *strings_of(node.get("mainEntityOfPage"), "@id"),
        *strings_of(node.get("@id"), "@id"),
    ]
    return any(same_page(address.split("#")[0], other) for address in told for other in addresses)


def _headlines(node: Node | None) -> list[str]:
    if node is None:
        return []
    return [
        text for text in map(plain, strings_of(node.get("headline")) + strings_of(node.get("name"))) if text
    ]


def _article(nodes: list[Node], addresses: Sequence[str | None], titles: Sequence[str]) -> Node | None:
    """The article that the page is: by address, else by headline, else the only one."""
    articles = [node for node in nodes if types_of(node) & ARTICLES]
    for node in articles:
        if _about_page(node, addresses) and (
            node.get("headline") or node.get("datePublished") or node.get("author")
        ):
            return node
    for node in articles:
        if any(agree(one, other) for one in _headlines(node) for other in titles):
            return node
    return articles[0] if len(articles) == 1 and not articles[0].get("url") else None


def _site_names(nodes: list[Node], tags: MetaTags, address: str | None) -> list[str]:
    names = list(
        tags.all(
            "og:site_name", "application-name", "apple-mobile-web-app-title", "publisher", "article:section"
        )
    )
    for node in nodes:
        if types_of(node) & _SITES:
            names += strings_of(node.get("name")) + strings_of(node.get("alternateName"))
        names += strings_of(node.get("publisher"))
        names += strings_of(node.get("articleSection"))
    return [*map(plain, names), *domain_names(address)]


def _first_date(values: Iterable[str]) -> str | None:
    for value in values:
        iso = date_of_value(value)
        if iso and not iso.startswith("1970-01-01"):  # the zero of computers' clocks, not a date
            return iso
    return None


def _is_shelf(nodes: list[Node], tags: MetaTags, addresses: Iterable[str | None]) -> bool:
    """Whether the page is a site's front or a product: the dates that it shows are of other things."""
    if "product" in (tags.first("og:type") or "") or any("Product" in types_of(node) for node in nodes):
        return True
    known = [address for address in addresses if address]
    return bool(known) and all(
        urlsplit(address).path in ("", "/") and not urlsplit(address).query for address in known
    )


def _url_date(addresses: Iterable[str | None]) -> str | None:
    for address in addresses:
        if match := _URL_DATE.search(address or ""):
            return date_of_value("-".join(match.groups()))
    return None


def _declared_date(
    tree: LexborHTMLParser,
    nodes: list[Node],
    article: Node | None,
    tags: MetaTags,
    addresses: Sequence[str | None],
) -> str | None:
    if article and (iso := _first_date(strings_of(article.get("datePublished")))):
        return iso
    if _is_shelf(nodes, tags, addresses):
        return None
    if iso := _first_date(tags.all(*_PUBLISHED)):
        return iso
    if iso := _first_date(
        value for name, values in tags.values.items() if _PUBLISHED_LIKE.search(name) for value in values
    ):
        return iso
    for element in tree.css('[itemprop~="datePublished"], time[pubdate]')[:5]:
        if iso := _first_date(
            [element.attributes.get("datetime") or element.attributes.get("content") or element.text()]
        ):
            return iso
    if iso := _url_date(addresses):
        return iso
    if article:
        pages = [node for node in nodes if "WebPage" in types_of(node)]
        if iso := _first_date(value for node in pages for value in strings_of(node.get("datePublished"))):
            return iso
    if article and (iso := _first_date(strings_of(article.get("dateCreated")))):
        return iso
    return None


def _published(
    tree: LexborHTMLParser,
    nodes: list[Node],
    article: Node | None,
    tags: MetaTags,
    addresses: Sequence[str | None],
    around: Beside,
) -> str | None:
    declared = _declared_date(tree, nodes, article, tags, addresses)
    if declared:
        return earlier_date(around, declared) or declared
    return None if _is_shelf(nodes, tags, addresses) else date_beside(tree, around)


def _author_names(article: Node, nodes: list[Node]) -> list[str]:
    """Names under `author`, references ({"@id": …}) followed; organisations are left out."""
    value = article.get("author")
    names: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        person = item
        if isinstance(item, dict) and not item.get("name") and item.get("@id"):
            person = next(
                (node for node in nodes if node.get("@id") == item["@id"] and node.get("name")), item
            )
        if not isinstance(person, dict) or types_of(person).isdisjoint(_SITES):
            names += map(plain, strings_of(person))
    return names


def _authors(
    tree: LexborHTMLParser,
    nodes: list[Node],
    article: Node | None,
    tags: MetaTags,
    site: frozenset[str],
    around: Beside,
) -> tuple[str, ...]:
    told = _author_names(article, nodes) if article else []
    if article and types_of(article) & _THREADS:  # there the name of an account is who wrote it
        return tuple(name for name in told[:1] if len(name) <= 60)
    if names := names_of(told, site=site):
        return names
    for key in _AUTHORS:
        if names := names_of(tags.all(key), site=site):
            return names
    if names := names_of(tags.all("twitter:data1"), site=site, strict=True):
        return names
    if names := tuple(name for name in authors_beside(around) if name_key(name) not in site):
        return names
    linked = [shown_text(element) for element in tree.css('a[rel~="author"]')[:5]]
    return names_of(dict.fromkeys(linked[:1]), site=site, strict=True)


def facts_of(tree: LexborHTMLParser, html: str, *, url: str | None) -> PageFacts:
    """The page's facts; `tree` is the parse of `html`, `url` where the page came from, if known.

    Never raises on what a page says.  `published` is a date, or a date-time with its offset.
    """
    tags = meta_tags(tree)
    nodes = nodes_of(tree)
    address = page_address(tree, tags, url)
    headings = headings_of(tree)
    title = tree.css_first("head title")
    declared = [*tags.all("og:title"), *([plain(title.text())] if title else [])]
    article = _article(nodes, [address, url], [*headings, *declared])
    names = _site_names(nodes, tags, address or url)
    site = name_keys(names)
    title_shown = best_title(headings, [*_headlines(article), *declared, *tags.all("twitter:title")], site)
    around = beside(tree, title_shown)
    return PageFacts(
        title=title_shown,
        published=_published(tree, nodes, article, tags, [address, url], around),
        authors=_authors(tree, nodes, article, tags, site, around),
        description=tags.first("og:description", "description", "twitter:description"),
        site_name=tags.first("og:site_name") or next(iter(names), None),
        language=page_language(tree, tags),
        url=address,
    )
