"""Flat dumps of pages, and the rules that are set against ours."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import flat
from benchmarks.innertext import inner_text

SENTENCE = "The bridge opened again on Tuesday morning."


def test_inner_text_has_a_line_for_each_box_and_nothing_hidden() -> None:
    html = """<html><head><title>T</title></head><body><div>One<br>two <b>three</b></div><script>x</script>
    <!-- no -->tail<p hidden>no</p><p style="display: none">no</p><p>Four
    five</p><table><tr><td>a</td><td>b</td></tr></table></body></html>"""
    assert inner_text(html) == "One\ntwo three\ntail\n\nFour five\n\na\tb"


@pytest.mark.parametrize(
    ("rule", "kept", "dropped"),
    [
        (flat.every_line, [SENTENCE, "Menu", ""], []),
        (flat.c4_lines, [SENTENCE], ["Menu", "Too short.", "Please enable Javascript to read this page."]),
        (flat.c4_of_datatrove, [SENTENCE] * 5, ["And there is more...", "We use cookies on this site."]),
        (flat.gopher_by_line, [SENTENCE], ["• a list item of words", "12 45 78 1", "Read more…", "a b c"]),
        (flat.no_line_twice, [SENTENCE, "Menu"], [SENTENCE, " Menu "]),
        (flat.justext_by_line, [f"{SENTENCE} " * 6] * 2, ["Menu", "Home | About"]),
    ],
)
def test_rules(rule: Any, kept: list[str], dropped: list[str]) -> None:
    assert sorted(rule([*kept, *dropped], "en")) == list(range(len(kept)))


def test_datatrove_drops_whole_pages() -> None:
    assert flat.c4_of_datatrove([SENTENCE] * 4, "en") == []
    assert flat.c4_of_datatrove([*[SENTENCE] * 5, "This is function () { return nothing."], "en") == []
    assert flat.c4_of_datatrove([*[SENTENCE] * 5, "Lorem ipsum dolor sit amet."], "en") == []
