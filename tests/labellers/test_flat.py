"""Flat text: what is certain, and what only the position tells."""

from __future__ import annotations

import pytest

from ingest.labellers.flat import label_flat
from ingest.model import Site
from ingest.stages.blocks_text import blocks_of_text
from ingest.vocabulary.captions import is_caption
from ingest.vocabulary.words import fold

STORY = """Bridge to close for two years

The council met on Tuesday and agreed to close the old bridge for two years.
“Why?”
“Because it is about to fall down,” the mayor said after the vote.
Why?
What comes next
Residents on the eastern shore will have to take the ferry until then.
It works."""


def kinds(text: str, site: Site | None = None) -> list[str]:
    page = blocks_of_text(text)
    return [label.reason or label.kind for label in label_flat(page, site, body_at=0.2)]


def test_a_story_keeps_its_short_lines() -> None:
    assert kinds(STORY) == ["title", *["paragraph"] * 4, "heading", *["paragraph"] * 2]


def test_only_later_occurrences_of_a_line_are_repeats() -> None:
    assert kinds(f"{STORY}\n{STORY}")[8:12] == ["repeated", "repeated", "paragraph", "repeated"]


def test_runs_of_short_lines_are_menus_and_links() -> None:
    head, foot = "Politics\nWorld\nSport", "Port raises ferry prices\nNew tram line opens late\nWeather"
    found = kinds(f"{head}\n{STORY}\n{foot}")
    assert found[:-3] == [*["navigation"] * 3, *kinds(STORY)]
    # A heading over nothing is dropped by the story's description.
    assert set(found[-3:]) <= {"heading", "navigation", "related-links"}


def test_known_furniture_of_a_site_goes() -> None:
    banner = "The Observatory For Example Rights"
    assert kinds(f"{banner}\n{STORY}", Site(frozenset({fold(banner)})))[0] == "site-banner"


@pytest.mark.parametrize(
    "line",
    [
        "A view of the old harbour at dusk (Reuters)",
        "Thousands have fled the city since Monday [Getty]",
        "The minister visiting a market on Thursday (Government media)",
        "FILE PHOTO: The bridge in 2019",
        "The bridge in 2019. REUTERS/Ann Example",
        "The bridge in 2019. Foto: Ann Example",
        "Photo by Ann Example",
    ],
)
def test_captions(line: str) -> None:
    assert is_caption(line)


@pytest.mark.parametrize(
    "line",
    [
        "The Syrian Democratic Forces (SDF)",
        "Mayor opens bridge (VIDEO)",
        "The law passed in 2019 (Article 5)",
        "He left the city (and never came back)",
        "The council met on Tuesday and agreed to close the bridge (which is old).",
        "Photos of the war",
        "Bridge to close for two years",
    ],
)
def test_no_captions(line: str) -> None:
    assert not is_caption(line)
