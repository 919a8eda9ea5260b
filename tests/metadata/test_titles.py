"""Titles without the names of their sites; and which of several titles it is."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.metadata.titles import best_title, name_keys, without_site

SITE = name_keys(["Daily Example", "forum.doom9.org"])


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Bridge stays closed - Daily Example", "Bridge stays closed"),
        ("Bridge stays closed | City | Daily Example", "Bridge stays closed"),
        ("Bridge stays closed | Nobody Knows This Name", "Bridge stays closed"),
        ("Daily Example: Bridge stays closed", "Daily Example: Bridge stays closed"),
        ("Daily Example - Bridge stays closed", "Bridge stays closed"),
        ("Bridge stays closed - The Daily Example Forum", "Bridge stays closed"),
        # a kicker, not a title with its site
        ("Opinion | Let the bridge be", "Opinion | Let the bridge be"),
        ("Live blog | Let the bridge be", "Live blog | Let the bridge be"),
        # a sub-title
        ("Bridge stays closed - and nobody knows why", "Bridge stays closed - and nobody knows why"),
        ("Daily Example", "Daily Example"),
        ("", ""),
    ],
)
def test_the_name_of_the_site_is_cut(title: str, expected: str) -> None:
    assert without_site(title, SITE) == expected


PART = st.sampled_from(["Bridge stays closed", "Daily Example", "City", "a", "", "2016"])
SEPARATOR = st.sampled_from([" - ", " | ", "|", " – ", ": ", " · ", "  ", "—"])


@given(st.lists(st.tuples(PART, SEPARATOR), max_size=6))
@example([("Daily Example", " | "), ("", " - "), ("Daily Example", " -")])
def test_what_is_left_is_a_piece_of_the_title(pieces: list[tuple[str, str]]) -> None:
    title = "".join(part + separator for part, separator in pieces).strip()
    left = without_site(title, SITE)
    assert left in title
    assert left or not title.strip("| ")
    assert without_site(left, SITE) == left


@pytest.mark.parametrize(
    ("headings", "headlines", "declared", "expected"),
    [
        # what mark-up stood for is in the declared title
        (["Closed the bridge"], [], ["Closed: the bridge"], "Closed: the bridge"),
        # but ornaments are not
        (
            ["Bridge closed until spring"],
            [],
            ["*Bridge closed until spring* ⋆"],
            "Bridge closed until spring",
        ),
        # a label before the heading goes where the article itself, or two declarations, do without
        (
            ["Poll Bridge closed until spring"],
            ["Bridge closed until spring"],
            [],
            "Bridge closed until spring",
        ),
        (
            ["Poll: Bridge closed until spring"],
            [],
            ["Bridge closed until spring"],
            "Poll: Bridge closed until spring",
        ),
        # a slogan, and two declarations that say the same other title
        (
            ["You deserve better"],
            [],
            ["Bridge loans compared", "Bridge loans compared"],
            "Bridge loans compared",
        ),
        (["Bridge loans compared"], [], ["Get your loan now"], "Bridge loans compared"),
        ([], [], ["Daily Example"], None),
    ],
)
def test_the_best_title(
    headings: list[str], headlines: list[str], declared: list[str], expected: str | None
) -> None:
    assert best_title(headings, headlines, declared, SITE) == expected
