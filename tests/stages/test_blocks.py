"""From text and from mark-up to spans."""

from __future__ import annotations

import pytest

from ingest.markup.guard import DEEP, SWOLLEN, bounded_markup
from ingest.model import PageFacts
from ingest.stages.blocks_html import blocks_of_html, parse_html
from ingest.stages.blocks_text import blocks_of_text


def html_lines(html: str) -> list[str]:
    return [span.text for span in blocks_of_html(parse_html(bounded_markup(html)), html, PageFacts()).spans]


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p>One <b>two</b> three</p>tail", ["One two three", "tail"]),
        ("a<br>b<br/>c", ["a", "b", "c"]),
        ("<table><tr><td>Name<td>Age</tr><tr><td>Ann<td>3</table>", ["Name Age", "Ann 3"]),
        ("<table><tr><td><p>Left</p></td><td><p>Right</p></td></tr></table>", ["Left", "Right"]),
        (
            "<script>no</script><style>no</style><p>yes</p><template>no</template><textarea>no</textarea>",
            ["yes"],
        ),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", ["a", "b", "c"]),
        ("<p>a&nbsp;&amp;\u200b b</p>", ["a & b"]),
        ("", []),
        ("<frameset><frame src=x></frameset>", []),
    ],
)
def test_visible_text(html: str, lines: list[str]) -> None:
    assert html_lines(html) == lines


def test_facts_of_the_mark_up() -> None:
    html = "<div id=main class='relatedArticles box--big'><p>See <a href=x>this link</a></p></div><p hidden>x</p><noscript><p>y</p></noscript>"
    first, hidden, noscript = blocks_of_html(parse_html(html), html, PageFacts()).spans
    assert first.dom is not None
    assert hidden.dom is not None
    assert noscript.dom is not None
    assert first.dom.tag == "p"
    assert {"related", "articles", "box", "big", "main"} <= first.dom.tokens
    assert first.dom.path[-2:] == ("div", "p")
    assert first.dom.link_share == pytest.approx(8 / 11)
    assert (first.dom.hidden, hidden.dom.hidden, noscript.dom.hidden) == (False, True, True)


@pytest.mark.parametrize("tag", ["div", "span", "b", "ul", "blockquote", "table><tr><td"])
def test_nesting_without_end(tag: str) -> None:
    html = f"<{tag}>" * 50_000 + "deep words" + "</div>" * 50_000 + "<p>behind</p>"
    lines = html_lines(html)
    assert any("deep words" in line for line in lines)
    assert any("behind" in line for line in lines)


def test_depth_that_pages_have_is_left_alone() -> None:
    html = "<div>" * (DEEP - 3) + "<p>a</p>" + "</div>" * (DEEP - 3)
    assert bounded_markup(html) == html
    (span,) = blocks_of_html(parse_html(html), html, PageFacts()).spans
    assert span.dom is not None
    assert len(span.dom.path) == DEEP


def test_hard_wrapped_text_is_rejoined() -> None:
    line = "Several hundred farmers blocked the main border crossing with their tr"
    text = "\n".join([line] * 4 + ["and went home."] + [""] + [line] * 5 + ["- a list item", "- another one"])
    spans = blocks_of_text(text).spans
    assert [s.text.count("Several") for s in spans] == [4, 5, 0, 0]


def test_lines_of_other_texts_stay_lines() -> None:
    text = "Short title\n" + "\n".join(
        "A paragraph that goes on for much longer than a terminal is wide. " * 3 for _ in range(9)
    )
    assert len(blocks_of_text(text).spans) == 10


def test_dump_header_is_a_span_of_its_own() -> None:
    spans = blocks_of_text(" date 2022-04-15 U.S.-backed forces moved on.").spans
    assert [s.text for s in spans] == ["date 2022-04-15", "U.S.-backed forces moved on."]


def test_mark_up_left_in_flat_text() -> None:
    (span,) = blocks_of_text("Readers &amp; <b>staff</b> met.").spans
    assert span.text == "Readers & staff met."


def test_a_flood_of_attributes() -> None:
    html = "<html><p " + " ".join(f"a{i}=1" for i in range(100_000)) + ">some words</p>"
    assert html_lines(html) == ["some words"]


@pytest.mark.parametrize("text", ["", "é" * 100, "b > a " * SWOLLEN])
def test_swollen_tags_lose_their_attributes(text: str) -> None:
    slim = f"{text}<p class='{'x' * (SWOLLEN - 10)}'>a</p><script>{'x' * SWOLLEN}</script>"
    assert bounded_markup(slim) == slim
    assert bounded_markup(f"{slim}<p class='{'é' * SWOLLEN}'>a</p><") == f"{slim}<p>a</p><"
