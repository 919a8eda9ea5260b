"""Facts of HTML pages, on small pages written for the purpose."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from ingest.model import PageFacts
from ingest.stages.metadata import facts_of
from tests.patience import bounded_work

URL = "https://www.daily-example.org/world/bridge-closed.html"


def facts(html: str, url: str | None = URL) -> PageFacts:
    return facts_of(LexborHTMLParser(html), html, url=url)


def page(head: str = "", body: str = "<h1>Bridge stays closed until spring</h1>") -> str:
    return f"<html lang=en-GB><head>{head}</head><body>{body}</body></html>"


def linked_data(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "url": URL,
    "headline": "Bridge stays closed until spring",
    "datePublished": "2016-08-22T10:15:00+02:00",
    "author": [{"@type": "Person", "name": "Jane Doe"}, {"@type": "Organization", "name": "Example Agency"}],
    "publisher": {"@type": "Organization", "name": "Daily Example"},
}


def test_reads_the_article_of_the_page() -> None:
    found = facts(page(linked_data(ARTICLE) + '<meta property="og:site_name" content="Daily Example">'))
    assert found.title == "Bridge stays closed until spring"
    assert found.published == "2016-08-22T10:15:00+02:00"
    assert found.authors == ("Jane Doe",)
    assert (found.language, found.site_name, found.url) == ("en", "Daily Example", URL)


RELATED = {
    **ARTICLE,
    "url": "https://www.daily-example.org/other",
    "headline": "A quite different story",
    "datePublished": "2001-01-01",
}


@pytest.mark.parametrize(
    "value",
    [
        [RELATED, ARTICLE],
        {"@graph": [{"@type": "WebSite", "name": "Daily Example"}, RELATED, ARTICLE]},
        {"@type": "WebPage", "mainEntity": ARTICLE, "hasPart": [RELATED]},
        [RELATED, {**ARTICLE, "url": None, "mainEntityOfPage": {"@id": URL + "#main"}}],
        [RELATED, {**ARTICLE, "url": None}],  # known by its headline
    ],
)
def test_finds_the_page_among_several_articles(value: object) -> None:
    assert facts(page(linked_data(value))).published == "2016-08-22T10:15:00+02:00"


@pytest.mark.parametrize(
    "wrap",
    [
        lambda text: f"<!--\n{text}\n-->",
        lambda text: f"//<![CDATA[\n{text}\n//]]>",
        lambda text: f"/* data */ {text};",
        lambda text: text.replace("spring", "spring\n\t"),
        lambda text: text[:-1] + ",}",
        lambda text: text + "]",
    ],
    ids=["comment", "cdata", "remark", "line-break", "comma", "bracket"],
)
def test_mends_broken_linked_data(wrap) -> None:  # type: ignore[no-untyped-def]
    html = page(f'<script type="application/ld+json">{wrap(json.dumps(ARTICLE))}</script>')
    assert facts(html).published == "2016-08-22T10:15:00+02:00"


def test_an_article_of_another_page_says_nothing() -> None:
    assert facts(page(linked_data(RELATED))).published is None


def test_follows_references_to_authors() -> None:
    graph = {
        "@graph": [
            {**ARTICLE, "author": {"@id": "#jane"}},
            {"@type": "Person", "@id": "#jane", "name": "Jane Doe"},
        ]
    }
    assert facts(page(linked_data(graph))).authors == ("Jane Doe",)


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>Bridge stays closed | Daily Example</title>", "", "Bridge stays closed"),
        ("<title>Daily Example - Bridge stays closed</title>", "", "Bridge stays closed"),
        ("<title>Bridge stays closed - but why?</title>", "", "Bridge stays closed - but why?"),
        ("<title>Bridge stays closed | Another Name</title>", "", "Bridge stays closed"),
        ("<title>Daily Example</title>", "", None),
        (
            "<title>Bridge closed</title>",
            "<h1>Daily Example</h1><h1>Bridge <b>closed</b> until spring</h1>",
            "Bridge closed until spring",
        ),
        (
            '<title>Closed: the bridge</title><meta property="og:title" content="Closed: the bridge">',
            "<h1>City Hall: Closed: the bridge</h1>",
            "Closed: the bridge",
        ),
        ("<title>Tom &amp;amp; Jerry &#8211; a story</title>", "", "Tom & Jerry – a story"),
        ("", "", None),
    ],
)
def test_titles(head: str, body: str, title: str | None) -> None:
    assert facts(page(head, body)).title == title


HEADING = "<h1>Bridge stays closed until spring</h1>"


@pytest.mark.parametrize(
    ("head", "body", "published"),
    [
        (
            '<meta property="article:published_time" content="2016-08-22T10:15:00Z">',
            HEADING,
            "2016-08-22T10:15:00+00:00",
        ),
        ('<meta name="DC.date.issued" content="2016-08-22">', HEADING, "2016-08-22"),
        ('<meta name="x-publish-date" content="20160822">', HEADING, "2016-08-22"),
        ('<meta property="article:modified_time" content="2016-08-22">', HEADING, None),
        ('<meta property="article:published_time" content="1970-01-01T00:00:00Z">', HEADING, None),
        ('<meta property="article:published_time" content="03/04/2016">', HEADING, None),
        ("", '<time itemprop="datePublished" datetime="2016-08-22">Monday</time>' + HEADING, "2016-08-22"),
        ("", HEADING + "<p>By Jane Doe</p><p>22 August 2016</p>", "2016-08-22"),
        ("", HEADING + "<p>By Jane Doe, 22 August 2016</p>", "2016-08-22"),
        ("", HEADING + "<span>Published:</span> <span>22 August 2016</span>", "2016-08-22"),
        ("", HEADING + "<p>The bridge was closed on 22 August 2016 by the city.</p>", None),
        ("", HEADING + "<span>Release date:</span> <span>22 August 2016</span>", None),
        ("", HEADING + "<aside>22 August 2016</aside>", None),
        ("", f"<article>{HEADING}<footer>22 August 2016</footer></article>", "2016-08-22"),
        ("", f"<article>{HEADING}<aside>22 August 2016 {'and more ' * 50}</aside></article>", None),
        ("", HEADING + "<p>Essay – Published: 22 August 2016 | 3 comments</p>", "2016-08-22"),
        ("", HEADING + "<p>Concert – 22 August 2016 | Tickets</p>", None),
        # a label makes up for distance
        ("", HEADING + "<p>Text.</p>" * 30 + "<b>Published</b> <i>22 August 2016</i>", "2016-08-22"),
        (
            "",
            HEADING + "<p>Text.</p>" * 90 + "<p class=post-date>Posted on 22 August 2016</p>",
            "2016-08-22",
        ),
        ("", HEADING + "<p>Text.</p>" * 90 + "<h3>Published</h3><time>22 August 2016</time>", "2016-08-22"),
        ("", HEADING + "<p>Text.</p>" * 90 + "<p class=post-date>22 August 2016</p>", None),
        ("", "<p>Last updated: 22 August 2016</p>" + HEADING, "2016-08-22"),
        (
            "",
            HEADING + "<relative-time datetime=2016-08-22>3 days ago</relative-time>",
            "2016-08-22",
        ),
        ("", HEADING + "<p>Updated <time datetime=2016-08-22>3 days ago</time></p>", None),
        # the headline need not be an h1
        (
            "<title>Bridge stays closed until spring</title>",
            "<p>Menu</p>" * 20 + HEADING.replace("h1", "h2") + "<p>22 August 2016</p>",
            "2016-08-22",
        ),
        ("", HEADING + "<p>1 May 2016</p><p>2 May 2016</p><p>3 May 2016</p>", None),
        ("", HEADING, None),
        # what readers are shown is older than what the software declares
        (
            '<meta property="article:published_time" content="2016-09-30">',
            HEADING + "<p>22 August 2016</p>",
            "2016-08-22",
        ),
        (
            '<meta property="article:published_time" content="2016-08-22">',
            HEADING + "<p>30 September 2016</p>",
            "2016-08-22",
        ),
    ],
)
def test_dates(head: str, body: str, published: str | None) -> None:
    assert facts(page(head, body)).published == published


def test_the_date_in_the_address_counts() -> None:
    assert facts(page(), "https://example.org/2016/08/22/bridge").published == "2016-08-22"
    assert facts(page(), "https://example.org/blog/2016/august/22/bridge").published == "2016-08-22"
    assert facts(page(), "https://example.org/2016/08/bridge").published is None
    assert facts(page(), "https://example.org/2016/bridge/22/").published is None


@pytest.mark.parametrize(
    ("head", "body", "authors"),
    [
        ('<meta name="author" content="Jane Doe, John Smith">', HEADING, ("Jane Doe", "John Smith")),
        ('<meta name="author" content="Staff">', HEADING, ()),
        ('<meta property="article:author" content="https://social.example/jane">', HEADING, ()),
        (
            '<meta name="twitter:data1" content="Jane Doe"><meta name="twitter:data2" content="5 minutes">',
            HEADING,
            ("Jane Doe",),
        ),
        (
            "",
            HEADING + "<p>By <a href=/jane>Jane Doe</a> and <a href=/john>John Smith</a></p>",
            ("Jane Doe", "John Smith"),
        ),
        ("", HEADING + "<p class=author-name>Jane Doe</p>", ("Jane Doe",)),
        ("", HEADING + "<p>Jane Doe</p>", ()),
        ("", HEADING + "<p>By Daily Example</p>", ()),
    ],
)
def test_authors(head: str, body: str, authors: tuple[str, ...]) -> None:
    assert facts(page(head, body)).authors == authors


def test_front_pages_and_products_have_no_date() -> None:
    html = page(body=HEADING + "<p>22 August 2016</p>")
    assert facts(html, "https://daily-example.org/").published is None
    assert (
        facts(
            page('<meta property="og:type" content="product">', HEADING + "<p>22 August 2016</p>")
        ).published
        is None
    )


@pytest.mark.parametrize(
    ("link", "url", "expected"),
    [
        ("https://daily-example.org/a", URL, "https://daily-example.org/a"),
        ("/a", URL, "https://www.daily-example.org/a"),
        ("https://www.daily-example.org/", URL, URL),  # declares the front page for all
        ("javascript:void(0)", URL, URL),
        ("http://[", None, None),
    ],
)
def test_addresses(link: str, url: str | None, expected: str | None) -> None:
    assert facts(page(f'<link rel="canonical" href="{link}">'), url).url == expected


def test_half_a_surrogate_pair_is_replaced() -> None:
    title = facts(page(linked_data({**ARTICLE, "headline": "Bridge \ud83d closed"}), "")).title
    assert title is not None
    assert title.encode("utf-8")


@pytest.mark.parametrize(
    "html",
    [
        '<script type="application/ld+json">' + "[" * 500_000,
        '<script type="application/ld+json">' + '{"a":' * 200_000,
        '<script type="application/ld+json">{' + '"\\\\' * 300_000,
        "<meta name=author content='Jane Doe'>" * 20_000,
        "<h1>a b c</h1>" * 20_000,
        "<title>" + "a | " * 20_000,
        "<h1>A story</h1>" + "<time datetime=2020-01-01>1 May 2020</time>" * 20_000,
        "<h1>" + "<b>" * 50_000,
    ],
    ids=["brackets", "objects", "quotes", "meta", "headings", "title", "times", "deep"],
)
def test_hostile_pages_take_bounded_time(html: str) -> None:
    tree = LexborHTMLParser(html)
    with bounded_work():
        facts_of(tree, html, url=None)


PIECES = st.sampled_from(
    ["<h1>", "</h1>", "<title>", "</title>", "<time datetime='2016-08-22'>", "22 August 2016", "By Jane Doe", "<p>", "|", " - ",
     '<script type="application/ld+json">', "</script>", '{"@type":"Article","author":', '"x"}', "<meta name=author content='", "'>", "&#x27;"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=25), st.none() | st.text(max_size=30))
def test_never_raises(pieces: list[str], url: str | None) -> None:
    assert isinstance(facts("".join(pieces), url), PageFacts)
