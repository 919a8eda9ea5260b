"""Nothing disappears without a reason: blocks and removals tile the page text."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ingest
from ingest.errors import UnusableDump
from ingest.model import REASONS, Cleaned, Correction, Cut
from ingest.rules import rules
from tests.golden import cases


def assert_tiles(cleaned: Cleaned) -> None:
    claims = [0] * len(cleaned.text)
    spans = [(b.start, b.end) for a in cleaned.articles for b in a.blocks]
    spans += [(r.start, r.end) for r in cleaned.removals]
    for start, end in spans:
        assert 0 <= start < end <= len(cleaned.text)
        for i in range(start, end):
            claims[i] += 1
    for i, character in enumerate(cleaned.text):
        assert claims[i] == 1 or (claims[i] == 0 and character.isspace()), (i, character, claims[i])
    for removal in cleaned.removals:
        assert removal.text == cleaned.text[removal.start : removal.end]
        assert removal.reason in REASONS
        assert removal.rule
        assert 0 <= removal.score <= 1
    for number, article in enumerate(cleaned.articles, 1):
        assert (article.part, article.parts) == (number, len(cleaned.articles))
        assert article.role == ("primary" if number == 1 else "trailing")
        texts = [b.text for b in article.blocks if b.kind in ("paragraph", "heading", "standfirst")]
        assert article.text == "\n\n".join(texts)


FURNITURE = sorted({line for rule in rules() for line in rule.must_remove})
PROSE = [
    "The council met on Tuesday and agreed to close the old bridge for two years.",
    "“We waited too long,” the mayor said after the vote, which took four hours.",
    "Residents on the eastern shore will have to take the ferry until the work is done.",
    "Der Stadtrat hat am Montag mit großer Mehrheit beschlossen, die Brücke zu sperren.",
    "市議会は火曜日に、古い橋を二年間閉鎖することを決めた。住民はフェリーを使うことになる。",
]
LINES = st.one_of(
    st.sampled_from(FURNITURE),
    st.sampled_from(PROSE),
    st.sampled_from(
        [
            "Bridge to close for two years",
            "By Jane Miller",
            "22 August, 2016",
            "date 2022-04-15 The bridge closed.",
            "A bridge (Reuters)",
            "",
        ]
    ),
    st.text(max_size=60),
)


@given(st.text())
def test_arbitrary_text(text: str) -> None:
    assert_tiles(ingest.clean(text, media_type="text/plain"))


@given(st.lists(LINES, max_size=40), st.sampled_from(["\n", "\r\n", "\n\n", "\u2028"]))
def test_texts_like_dumps(lines: list[str], newline: str) -> None:
    cleaned = ingest.clean(newline.join(lines), media_type="text/plain")
    assert_tiles(cleaned)
    assert cleaned == ingest.clean(newline.join(lines), media_type="text/plain")


@given(st.lists(LINES, min_size=5, max_size=30), st.data())
@settings(max_examples=40)
def test_texts_with_stories_cut_by_people(lines: list[str], data: st.DataObject) -> None:
    text = "\n\n".join(lines)
    before = ingest.clean(text, media_type="text/plain")
    spans = [(b.start, b.end) for a in before.articles for b in a.blocks]
    spans += [(r.start, r.end) for r in before.removals]
    words = st.tuples(st.sampled_from(spans or [(0, 1)]), st.sampled_from(get_args(Cut)))
    said = [Correction(start, end, kind) for (start, end), kind in data.draw(st.lists(words, max_size=4))]
    assert_tiles(ingest.clean(text, media_type="text/plain", corrections=said))


@given(st.one_of(st.text(), st.lists(LINES, max_size=20).map("\n".join)))
def test_whatever_the_sniffer_makes_of_it(text: str) -> None:
    assert_tiles(ingest.clean(text))


@given(st.one_of(st.binary(), st.text().map(str.encode), st.text().map(lambda t: t.encode("utf-16"))))
def test_arbitrary_bytes(payload: bytes) -> None:
    try:
        cleaned = ingest.clean(payload)
    except UnusableDump as refusal:
        cleaned, reason = None, refusal.reason
    if cleaned is None:
        assert reason in ("binary", "undecodable")
    else:
        assert_tiles(cleaned)


TAGS = st.sampled_from(
    [
        "p",
        "div",
        "h1",
        "h2",
        "a",
        "b",
        "ul",
        "li",
        "table",
        "tr",
        "td",
        "article",
        "section",
        "nav",
        "figure",
        "figcaption",
        "br",
        "pre",
        "script",
        "noscript",
        "template",
        "select",
        "option",
    ]
)


@st.composite
def markup(draw: st.DrawFn) -> str:
    parts = draw(
        st.lists(
            st.one_of(
                TAGS.map(lambda t: f"<{t}>"),
                TAGS.map(lambda t: f"</{t}>"),
                LINES,
                st.sampled_from(["<p class='comments'>", "<div hidden>", "&amp;", "<!--", "-->"]),
            ),
            max_size=40,
        )
    )
    return "".join(parts)


@given(markup())
def test_arbitrary_markup(html: str) -> None:
    assert_tiles(ingest.clean(html, media_type="text/html"))


@given(st.text())
def test_arbitrary_text_as_html(text: str) -> None:
    assert_tiles(ingest.clean(text, media_type="text/html"))


@pytest.mark.parametrize("dump", cases(), ids=lambda dump: dump.parent.name)
def test_cases(dump: Path) -> None:
    assert_tiles(ingest.clean(dump.read_bytes()))


def test_seeds(seeds: list[Path]) -> None:
    for seed in seeds:
        cleaned = ingest.clean(seed.read_bytes())
        assert cleaned.text == seed.read_text(
            encoding="utf-8"
        )  # flat page text is the decoded text, untouched
        assert_tiles(cleaned)
