"""Bylines: names where the whole line is one, nothing anywhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.vocabulary.bylines import authors_of, is_byline, is_byline_label, names_of

BYLINES = [
    ("By Jane Doe", ("Jane Doe",)),
    ("by: Jane Doe", ("Jane Doe",)),
    ("By JANE DOE", ("JANE DOE",)),
    ("By Jane Doe and John Smith", ("Jane Doe", "John Smith")),
    ("By Jane Doe, John Smith and Max Muster", ("Jane Doe", "John Smith", "Max Muster")),
    ("By Jane Doe, Reuters", ("Jane Doe",)),
    ("Jane Doe, Reuters", ("Jane Doe",)),
    ("Jane Doe and John Smith, Associated Press", ("Jane Doe", "John Smith")),
    ("By Jane Doe, Political Editor", ("Jane Doe",)),
    ("By Jane Doe | August 22, 2016", ("Jane Doe",)),
    ("By Jane Doe, 22 August 2016", ("Jane Doe",)),
    ("By Jane Doe in Berlin", ("Jane Doe",)),
    ("Written by Jane Doe, PhD", ("Jane Doe",)),
    ("By A. J. Neal", ("A. J. Neal",)),
    ("By Jean-Luc d'Arc", ("Jean-Luc d'Arc",)),
    ("By Ludwig van Beethoven", ("Ludwig van Beethoven",)),
    ("Von Anna Müller", ("Anna Müller",)),
    ("Text: Anna Müller", ("Anna Müller",)),
    ("Par Anne Dupont et Paul Durand", ("Anne Dupont", "Paul Durand")),
    ("Por María de la Cruz", ("María de la Cruz",)),
    ("Door Jan de Vries", ("Jan de Vries",)),
    ("Автор: Анна Иванова", ("Анна Иванова",)),
]
NOT_BYLINES = [
    "",
    "Jane Doe",
    "By the river",
    "By 2020 the city had grown",
    "By Monday",
    "By Tuesday Morning",
    "By Popular Demand",
    "By Land and Sea",
    "By Reuters",
    "By Staff",
    "By Jane Doe?",
    "By Jane Doe, who came from Berlin in May",
    "Von der Leyen warnt vor Kürzungen",
    "Por la mañana",
    "Jane Doe, a spokeswoman, said",
    "Text: " + "A" * 300,
]


@pytest.mark.parametrize(("line", "names"), BYLINES)
def test_reads_bylines(line: str, names: tuple[str, ...]) -> None:
    assert authors_of(line) == names
    assert is_byline(line)


@pytest.mark.parametrize("line", NOT_BYLINES)
def test_is_silent_on_other_lines(line: str) -> None:
    assert authors_of(line) == ()


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["By Jane Doe and John Smith", "Staff", "jane doe"], ("Jane Doe", "John Smith")),
        (["Jane Doe, MD, FAND"], ("Jane Doe",)),
        (["Jane Doe, Science Expert"], ("Jane Doe",)),
        (["Dr. Max Kolter"], ("Dr. Max Kolter",)),
        (["jane@example.org", "https://example.org/people/jane", "example.org"], ()),
        (["The Example Times"], ()),
        (["Example Verlag und Druck GmbH & Co. KG"], ()),
        (["Redaktion", "dpa", "admin", "user123"], ()),
        (["松岡大地", "毎日新聞"], ("松岡大地",)),
    ],
)
def test_reads_declared_authors(values: list[str], names: tuple[str, ...]) -> None:
    assert names_of(values, site={"example"}) == names


def test_the_site_is_no_author() -> None:
    assert names_of(["Salt Lake"], site={"saltlake"}) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("By", True), ("Written by:", True), ("Por", True), ("Bye", False), ("By car", False)],
)
def test_labels_before_names(text: str, expected: bool) -> None:
    assert is_byline_label(text) is expected


@given(st.text(max_size=250) | st.text("By Jane,Doe and|•-.'", max_size=250))
def test_never_raises_and_names_come_from_the_line(line: str) -> None:
    squeezed = " ".join(line.split())
    for name in authors_of(line):
        assert name.split()[0] in squeezed
