"""Where stories are cut apart, and where not."""

from __future__ import annotations

import json

import pytest

import ingest
from ingest.settings import Cleaning
from tests.conftest import ROOT

GOLD = json.loads((ROOT / "tests/cases/seeds/expected.json").read_text(encoding="utf-8"))
STORIES = [story for stories in GOLD.values() for story in stories]
SIEGE, BAGHDAD = STORIES[3], STORIES[5]
RAIN, CHESS = (
    part.strip().split("\n")
    for part in (ROOT / "tests/cases/two-stories-page/dump.txt").read_text(encoding="utf-8").split("\n\n\n\n")
)


def apart(*parts: list[str]) -> tuple[list[str], list[int]]:
    """The parts a blank line apart, and where all but the first begin."""
    lines: list[str] = []
    bounds = []
    for part in parts:
        if lines:
            lines.append("")
            bounds.append(len(lines))
        lines += part
    return lines, bounds


def spaced(paragraphs: list[str]) -> list[str]:
    return [line for paragraph in paragraphs for line in (paragraph, "")][:-1]


def test_a_header_with_repeats_is_one_boundary() -> None:
    lines, bounds = apart(RAIN, CHESS)
    assert ingest.split(lines) == bounds


def test_three_stories() -> None:
    lines, bounds = apart(RAIN, CHESS, [SIEGE["title"], "", *spaced(SIEGE["text"])])
    assert ingest.split(lines) == bounds


def test_bodies_without_titles_or_blank_lines() -> None:
    prose = [[line for line in story if line.endswith(".")] for story in (RAIN, CHESS)]
    lines = [*prose[0], *prose[1]]
    assert ingest.split([*SIEGE["text"], *prose[1]]) in ([len(SIEGE["text"])], [])
    assert ingest.split(lines) in ([len(prose[0])], [])


@pytest.mark.parametrize("story", STORIES, ids=lambda story: (story["title"] or "untitled")[:20])
def test_a_story_with_sub_headings_is_one(story: dict[str, list[str]]) -> None:
    lines = spaced(story["text"])
    half = len(lines) // 4 * 2
    assert ingest.split([*lines[:half], "What happened next", "", *lines[half:]]) == []


def test_titles_without_bodies_open_no_story() -> None:
    titles = [story["title"] for story in STORIES if story["title"]]
    lines, _ = apart([SIEGE["title"], "", *spaced(SIEGE["text"])], ["Related stories", "", *spaced(titles)])
    assert ingest.split(lines) == []
    cleaned = ingest.clean("\n".join(lines))
    assert len(cleaned.articles) == 1
    assert BAGHDAD["title"] not in cleaned.articles[0].text


def test_a_live_blog_is_one() -> None:
    lines = [SIEGE["title"], ""]
    for n, paragraph in enumerate(SIEGE["text"]):
        lines += [
            f"{8 + n // 2:02d}:{n * 7 % 60:02d} GMT",
            " ".join(paragraph.split()[:6]),
            "",
            paragraph,
            "",
        ]
    assert ingest.split(lines) == []


def test_pages_that_are_threads_or_lists_are_one() -> None:
    posts = [
        f"{name} wrote: I think that the harbour bridge should stay open, whatever it costs."
        for name in "ABCDEFGH"
    ]
    assert ingest.split(spaced(posts)) == []


def page(*articles: str) -> bytes:
    return (
        f"<html><head><title>Rain ends drought</title></head><body>{''.join(articles)}</body></html>".encode()
    )


def article(lines: list[str], tag: str) -> str:
    said = [line for line in lines if line]
    body = "".join(f"<p>{line}</p>" for line in said[1:] if line.endswith("."))
    return f"<article><{tag}>{said[0]}</{tag}>{body}</article>"


def test_an_article_that_scrolled_in_is_a_document_of_its_own() -> None:
    first, second = ([story["title"], *story["text"]] for story in (SIEGE, BAGHDAD))
    dump = page(article(first, "h1"), article(second, "h1"))
    primary, trailing = ingest.clean(dump, url="https://news.example/rain").articles
    assert (primary.role, trailing.role) == ("primary", "trailing")
    assert trailing.title == BAGHDAD["title"]
    assert primary.end <= trailing.start
    assert trailing.evidence
    assert trailing.url is None


def test_between_two_thresholds_a_file_stays_whole_and_says_so() -> None:
    text = "\n".join(apart(RAIN, CHESS)[0])
    (doubt,) = ingest.clean(text, settings=Cleaning(split_at=1, suspect_at=0.01)).articles
    assert doubt.possible_mixed is not None
    assert 0.01 <= doubt.possible_mixed < 1
    (whole,) = ingest.clean(text, settings=Cleaning(split_at=1, suspect_at=1)).articles
    assert whole.possible_mixed is None
