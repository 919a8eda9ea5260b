from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest import clean
from ingest.model import Site
from ingest.stages.furniture import (
    LONGEST_LINE,
    MOST_LINES,
    key_of,
    line_of,
    lines_of,
    stories_with,
    version_of,
)
from tests.cleaners import cleaned_of

PROSE = "The council voted on Monday to rebuild the old pier, which the storm of the winter had broken."


def lines(*texts: str) -> bytes:
    return lines_of(cleaned_of("\n".join(texts).encode()))


def counted(*pages: tuple[str, bytes]) -> tuple[int, dict[int, int]]:
    number, held = stories_with(pages)
    return number, dict(held)


def test_a_key_is_the_same_for_ever() -> None:
    assert key_of("the syrian observatory for human rights") == 18366943551506284517


def test_a_line_is_counted_once_whatever_its_case_and_blanks() -> None:
    assert lines("Daily News", "DAILY  NEWS ", "daily\u00a0news") == lines("daily news")
    assert len(lines("one", "two", "one")) == 16


def test_long_lines_and_lines_without_letters_are_not_counted() -> None:
    assert lines("1 2 3", "—", "x" * LONGEST_LINE, "y" * (LONGEST_LINE + 1)) == lines("x" * LONGEST_LINE)


def test_of_very_many_lines_those_at_the_ends_are_counted() -> None:
    many = [f"line {n}" for n in range(3 * MOST_LINES)]
    kept = lines(*many)
    assert len(kept) == 8 * MOST_LINES
    assert kept == lines(*many[: MOST_LINES // 2], *many[-MOST_LINES // 2 :])


def test_a_line_counts_alike_whether_it_was_kept_or_removed() -> None:
    dump = f"<b>The Daily</b> Observer\n{PROSE}\nMore from us\n{PROSE[::-1]}\nFollow the paper on the radio waves.\n"
    furniture = frozenset({"the daily observer", "follow the paper on the radio waves."})
    before, after = clean(dump), clean(dump, site=Site(furniture))
    assert len(after.removals) > len(before.removals)
    assert lines_of(after) == lines_of(before)


def test_dates_bylines_and_credits_are_the_storys_own() -> None:
    cleaned = clean(f"The pier is to be built again\nBy Jane Miller\n22 August 2016\n{PROSE} {PROSE}\n")
    assert key_of("by jane miller") not in dict(stories_with([("a", lines_of(cleaned))])[1])


def test_copies_of_one_story_count_once() -> None:
    banner, other = lines("Banner", "one"), lines("Banner", "two")
    number, held = counted(("a", banner), ("a", banner), ("a", other), ("b", other))
    assert number == 2
    assert held == {key_of("banner"): 2, key_of("one"): 1, key_of("two"): 2}
    assert counted() == (0, {})


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.lists(st.sampled_from("wxyz")))), st.randoms())
def test_the_order_of_pages_makes_no_difference(pages, random) -> None:  # type: ignore[no-untyped-def]
    said = [(story, lines(*texts)) for story, texts in pages]
    shuffled = random.sample(said, len(said))
    assert counted(*shuffled) == counted(*said)


def test_equal_furniture_has_one_version() -> None:
    assert version_of(None) == version_of(Site()) == ""
    assert version_of(Site(frozenset({"a", "b"}))) == version_of(Site(frozenset({"b", "a"})))
    assert version_of(Site(frozenset({"a b"}))) != version_of(Site(frozenset({"a", "b"})))


def test_marked_up_lines_are_compared_as_people_see_them() -> None:
    assert line_of("<b>Your&nbsp;Comment</b>", is_html=False) == "your comment"
    assert line_of("&lt;b&gt;", is_html=True) == "&lt;b&gt;"
