"""The witness's words read back onto the page."""

from __future__ import annotations

from ingest.labellers.lines import line_of
from ingest.labellers.witness import kept_by, witness_text

A = "The council met on Tuesday and agreed to close the old bridge."
B = "Residents will have to take the ferry until the work is done."


def kept(said: str, lines: list[str], doubtful: list[bool] | None = None) -> list[bool]:
    return kept_by(said, [line_of(line) for line in lines], doubtful or [False] * len(lines))


def test_lines_are_found_however_the_witness_cuts_them() -> None:
    assert kept(f"{A} {B}", ["Menu", A, B, "Share"]) == [False, True, True, False]
    assert kept(f"{A}\nNext\n{B}", [A, "Next", B, "Nextt"]) == [True, True, True, False]


def test_a_teaser_does_not_displace_the_story() -> None:
    said = f"{A}\n{B}"
    assert kept(said, [A, "Menu", "Sport", "Politics", "Weather", "World", A, B]) == [False] * 6 + [
        True,
        True,
    ]
    assert kept(said, [A, B, *["Menu"] * 9, A]) == [True, True] + [False] * 10


def test_doubtful_copies_give_way() -> None:
    assert kept(f"{A}\n{B}", [f"{A} {B}", A, B], [True, False, False]) == [False, True, True]


def test_what_the_witness_says_twice_is_kept_twice() -> None:
    assert kept(f"{A}\n{B}\n{A}", [A, B, A]) == [True, True, True]


def test_a_witness_without_testimony() -> None:
    assert witness_text("", thorough=True) is None
    assert witness_text("<html><body></body></html>", thorough=True) is None
