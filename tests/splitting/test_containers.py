"""Which elements of a page may open a further story."""

from __future__ import annotations

from ingest.model import Label
from ingest.pipeline import read_page
from ingest.splitting.containers import openings
from ingest.stages.decode import HTML, Decoded


def opened(html: str) -> dict[str, str] | None:
    page = read_page(Decoded(html, HTML, "utf-8", ()))
    kinds = {"p": "paragraph", "h1": "title", "h2": "heading"}
    labels = [Label(kinds[span.dom.tag]) for span in page.spans if span.dom]  # type: ignore[arg-type]
    found = openings(page, labels)
    return found and {page.spans[i].text: why for i, why in found.items()}


def article(title: str, tag: str = "h2", attributes: str = "") -> str:
    return (
        f"<article {attributes}><{tag}>{title}</{tag}><p>One of {title}.</p><div><p>Two.</p></div></article>"
    )


def test_flat_text_has_none() -> None:
    assert openings(read_page(Decoded("a\n\nb", "text/plain", "utf-8", ())), [Label("paragraph")] * 2) is None


def test_an_article_behind_another_may() -> None:
    assert opened(article("First") + article("Second")) == {"Second": "an article element of its own"}


def test_an_h1_may_and_a_sub_heading_may_not() -> None:
    html = "<h1>First</h1><p>One.</p><h2>Part</h2><p>Two.</p><h1>Second</h1><p>Three.</p>"
    assert set(opened(html) or ()) == {"Second"}


def test_articles_inside_an_article_are_its_parts() -> None:
    inner = article("Box", attributes="class=box")
    assert opened(f"<article><h2>First</h2><p>One.</p>{inner}<p>Two.</p></article>") == {}


def test_many_articles_are_a_listing() -> None:
    assert opened("".join(article(f"Post {n}") for n in range(9))) == {}


def test_comments_and_entries_of_a_live_blog_are_none() -> None:
    assert opened(article("First") + article("Reply", attributes='class="comment"')) == {}
    assert opened(article("First") + article("10:15", attributes='class="live-blog"')) == {}
