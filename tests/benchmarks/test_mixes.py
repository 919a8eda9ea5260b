"""The mixed files of the benchmark: their boundaries are where stories open, and the same seed gives the same files."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from benchmarks.mixes import MINIMUM_PARAGRAPHS, Mix, Source, mixes, sentences
from benchmarks.pageset import Page
from benchmarks.segmenters import PEERS

SUBJECTS = (
    "harbour",
    "orchard",
    "senate",
    "glacier",
    "theatre",
    "railway",
    "bakery",
    "museum",
    "volcano",
    "library",
)


def source(n: int) -> Source:
    subject, random = SUBJECTS[n], Random(n)  # noqa: S311
    body = tuple(
        " ".join(f"The {subject} {random.choice('abcdefgh')}{subject} stands there." for _ in range(5))
        for _ in range(5)
    )
    page = Page(f"p{n}", "wcxb", f"{n}.example", "article", "en", "\n".join(body))
    title = f"Headline of the {subject}"
    dump = ("Home", title, *body, "Contact"), 1, 6
    return Source(page, title, body, 150, dump)


SOURCES = [source(n) for n in range(len(SUBJECTS))]


@pytest.fixture(scope="module")
def files() -> list[Mix]:
    return list(mixes(SOURCES, 4, seed=1))


def test_seeded(files: list[Mix]) -> None:
    assert files == list(mixes(SOURCES, 4, seed=1))
    assert files != list(mixes(SOURCES, 4, seed=2))


def test_a_boundary_is_where_the_subject_changes(files: list[Mix]) -> None:
    for mix in files:
        for bound in mix.bounds:
            assert mix.lines[bound]
            if mix.level in ("para", "sent", "near"):
                before = next(line for line in reversed(mix.lines[:bound]) if line)
                assert before.split()[1] != mix.lines[bound].split()[1]
        assert bool(mix.bounds) == (not mix.level.startswith("neg_"))


def test_stories_told_short_stand_in_mixed_files_alone() -> None:
    for mix in mixes(SOURCES, 4, seed=1, short=1):
        for start, end in pairwise((0, *mix.bounds, len(mix.lines))):
            paragraphs = sum(map(bool, mix.lines[start:end]))
            assert 2 <= paragraphs <= 4 or mix.level not in ("para", "near")
            assert paragraphs >= MINIMUM_PARAGRAPHS or mix.bounds


def test_headings_are_words_of_the_story_that_they_stand_in() -> None:
    for mix in mixes(SOURCES, 4, seed=1, headed=1):
        if mix.level in ("para", "near", "neg_para"):
            for start, end in pairwise((0, *mix.bounds, len(mix.lines))):
                story = list(filter(None, mix.lines[start:end]))
                told = next(source.body for source in SOURCES if source.body[0] == story[0])
                headings = [line for line in story if line not in told]
                assert headings
                assert all(heading.casefold() in " ".join(told).casefold() for heading in headings)


def test_sentences() -> None:
    assert sentences("One is here. Two is “there.” Three, e.g. this one? Yes!") == [
        "One is here.", "Two is “there.”", "Three, e.g. this one?", "Yes!",
    ]  # fmt: skip


@pytest.mark.parametrize("name", PEERS)
def test_peers_give_lines_of_the_file(name: str, files: list[Mix]) -> None:
    for mix in [*files[::9], Mix("", "", (), (), "", False), Mix("", "", ("one", "", "two"), (), "", False)]:
        found = PEERS[name](mix.lines)
        assert found == sorted(set(found))
        assert all(mix.lines[i].strip() for i in found)


def test_c99_finds_a_plain_change_of_subject() -> None:
    lines = [*["harbour bridge ferry water"] * 8, *["senate vote party leader"] * 8]
    assert 8 in PEERS["C99"](lines)
    assert PEERS["TF-IDF blocks"](lines) == [8]
