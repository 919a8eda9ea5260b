"""What an HTML page says about itself: title, date, authors, language, site, address.

Sources, most trusted first: JSON-LD of the article that this page is, Open
Graph and other meta elements, microdata, the headline and what stands beside
it.  Nothing rather than a guess: a site's name is no title, a modification no
publication, a desk no author.  trafilatura and htmldate are not asked: on the
1,499 development pages htmldate (extensive search off) would add 23 right, 18
wrong and 263 invented dates to these.
"""

from __future__ import annotations

from collections.abc import Sequence

from selectolax.lexbor import LexborHTMLParser

from ingest.metadata.beside import authors_beside, date_beside, earlier_date
from ingest.metadata.declared import SITES, declared_authors, declared_date, is_shelf
from ingest.metadata.headlines import Headline, headings_of, shown_text
from ingest.metadata.jsonld import Node, nodes_of, strings_of, types_of
from ingest.metadata.metatags import (
    MetaTags,
    meta_tags,
    page_address,
    page_language,
    plain,
    same_page,
    web_address,
)
from ingest.metadata.titles import agree, best_title, domain_names, name_keys
from ingest.model import PageFacts
from ingest.vocabulary.bylines import names_of
from ingest.vocabulary.fragments import fragment_text
from ingest.vocabulary.wordlists import word_set
from ingest.vocabulary.words import name_key

ARTICLES = word_set(
    """Article NewsArticle AnalysisNewsArticle AskPublicNewsArticle BackgroundNewsArticle OpinionNewsArticle
    ReportageNewsArticle ReviewNewsArticle AdvertiserContentArticle SatiricalArticle ScholarlyArticle
    MedicalScholarlyArticle TechArticle BlogPosting LiveBlogPosting SocialMediaPosting DiscussionForumPosting
    Report Question"""
)

BODY_CHARACTERS = 400  # of an article's declared text, at least


def _is_about(node: Node, addresses: Sequence[str]) -> bool:
    told = (
        address for key in ("url", "mainEntityOfPage", "@id") for address in strings_of(node.get(key), "@id")
    )
    return any(same_page(address, other) for address in told for other in addresses)


def _headlines(node: Node | None) -> list[str]:
    told = strings_of(node.get("headline")) + strings_of(node.get("name")) if node else []
    return [text for text in map(plain, told) if text]


def _article(nodes: Sequence[Node], addresses: Sequence[str], titles: Sequence[str]) -> Node | None:
    """The article that the page is: by address, else by headline, else the only one that names no address."""
    articles = [node for node in nodes if types_of(node) & ARTICLES]
    for node in articles:
        if _is_about(node, addresses) and any(
            node.get(key) for key in ("headline", "datePublished", "author")
        ):
            return node
    for node in articles:
        if any(agree(one, other) for one in _headlines(node) for other in titles):
            return node
    return articles[0] if len(articles) == 1 and not articles[0].get("url") else None


def _body(article: Node | None) -> str | None:
    """The text that the article declares as its own; a sentence or two is a summary."""
    told = strings_of(article.get("articleBody")) if article else []
    body = fragment_text(max(told, key=len)) if told else ""
    return body if len(body) >= BODY_CHARACTERS else None


def _site_names(nodes: Sequence[Node], tags: MetaTags, address: str | None) -> list[str]:
    """Names of the site, and of the section: neither belongs to a title."""
    names = list(
        tags.all(
            "og:site_name", "application-name", "apple-mobile-web-app-title", "publisher", "article:section"
        )
    )
    for node in nodes:
        if types_of(node) & SITES:
            names += strings_of(node.get("name")) + strings_of(node.get("alternateName"))
        names += strings_of(node.get("publisher")) + strings_of(node.get("articleSection"))
    return [*map(plain, names), *domain_names(address)]


def _published(
    tree: LexborHTMLParser,
    nodes: Sequence[Node],
    article: Node | None,
    tags: MetaTags,
    addresses: Sequence[str],
    headline: Headline,
) -> str | None:
    declared = declared_date(tree, nodes, article, tags, addresses)
    if declared:
        return earlier_date(headline, declared) or declared
    return None if is_shelf(nodes, tags, addresses) else date_beside(tree, headline)


def _authors(
    tree: LexborHTMLParser,
    nodes: Sequence[Node],
    article: Node | None,
    tags: MetaTags,
    site: frozenset[str],
    headline: Headline,
) -> tuple[str, ...]:
    if names := declared_authors(nodes, article, tags, site):
        return names
    if names := tuple(name for name in authors_beside(headline) if name_key(name) not in site):
        return names
    link = tree.css_first('a[rel~="author"]')
    return names_of([shown_text(link)], site=site, strict=True) if link else ()


def facts_of(tree: LexborHTMLParser, html: str, *, url: str | None) -> PageFacts:
    """The page's facts; `tree` is the parse of `html`, `url` where the page came from, if known.

    Never raises on what a page says.  `published` is a date, or a date-time
    with its offset; `language` is what the page declares, not measured.
    """
    tags = meta_tags(tree)
    nodes = nodes_of(tree)
    address = page_address(tree, tags, url)
    addresses = [known for known in dict.fromkeys((address, web_address(url, None))) if known]
    headings = headings_of(tree)
    element = tree.css_first("head title")
    declared = [*tags.all("og:title"), *([plain(element.text())] if element else [])]
    shown = [text for _, text in headings]
    article = _article(nodes, addresses, [*shown, *declared])
    names = _site_names(nodes, tags, address)
    site = name_keys(names)
    title = best_title(shown, _headlines(article), [*declared, *tags.all("twitter:title")], site)
    headline = Headline(tree, headings, title)
    return PageFacts(
        title=title,
        published=_published(tree, nodes, article, tags, addresses, headline),
        authors=_authors(tree, nodes, article, tags, site, headline),
        description=tags.first("og:description", "description", "twitter:description"),
        site_name=tags.first("og:site_name") or next(iter(names), None),
        language=page_language(tree, tags),
        url=address,
        body=_body(article),
    )
