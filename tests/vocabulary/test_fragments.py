"""HTML fragments: rendered where there is mark-up, untouched where there is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.vocabulary.fragments import fragment_text, has_markup
from tests.patience import bounded_work

SPARED = [
    "",
    "a < b",
    "a<b and c>d",
    "x<y and z>w",
    "<b and c> d",
    "AT&T",
    "R&D; done",
    "Q&A",
    "?a=1&copy=2",
    "<jane@example.org>",
    "<https://example.org/a?b=c>",
    "I <3 you",
    "if (a < b && c > d)",
    "  two  blanks\n\nand lines  ",
    "cut off <a href=",
]
RENDERED = [
    ("AT&amp;T", "AT&T"),
    ("It&#8217;s", "It’s"),
    ("caf&eacute;", "café"),
    ("<p>Hello <b>you</b></p><p>Two</p>", "Hello you\nTwo"),
    ("one<br/>two", "one\ntwo"),
    ("<b>W</b>ord", "Word"),
    ("&lt;p&gt;Hi&lt;/p&gt;", "Hi"),
    ("&amp;quot;Yes&amp;quot;", '"Yes"'),
    ("use &lt;b&gt; here", "use <b> here"),
    ("<a href='x'>l</a> & R&D; <3", "l & R&D; <3"),
    ("<script>alert(1)</script>ok", "ok"),
    ("<!-- note -->yes", "yes"),
    ("<![CDATA[ hi ]]>", "hi"),
    ("<o:p></o:p>text", "text"),
    ('<img src="a.jpg" alt="x">caption', "caption"),
    ("1 &lt; 2 <i>and</i> 3 > 2", "1 < 2 and 3 > 2"),
]


@pytest.mark.parametrize("text", SPARED)
def test_spares_text_without_markup(text: str) -> None:
    assert fragment_text(text) == text
    assert not has_markup(text)


@pytest.mark.parametrize(("fragment", "text"), RENDERED)
def test_renders_fragments(fragment: str, text: str) -> None:
    assert fragment_text(fragment) == text


@given(st.text(max_size=300) | st.text("<>&;/!-abp='\" #39", max_size=300))
def test_never_raises_and_spares_what_has_no_markup(text: str) -> None:
    rendered = fragment_text(text)
    if not has_markup(text):
        assert rendered == text


@pytest.mark.parametrize(
    "text",
    [
        "<" * 500_000,
        "&" * 500_000,
        "<!--" * 100_000,
        "<a b=" * 100_000,
        "<b>" * 30_000,
        "<p>" * 100_000,
        "\n " * 200_000 + "<b>",
    ],
    ids=["brackets", "ampersands", "comments", "open-tags", "deep", "blocks", "blanks"],
)
def test_hostile_fragments_take_bounded_time(text: str) -> None:
    with bounded_work():
        fragment_text(text)
