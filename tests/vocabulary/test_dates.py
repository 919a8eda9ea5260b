"""Dates: in the wild, negative, hard; and properties on arbitrary text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.vocabulary.dates import date_line, date_of_value, dates_in, leading_date, parse_date
from tests.patience import bounded_work

WRITTEN = [
    ("2022-04-15", "2022-04-15"),
    ("2022-04-15T10:00:00+02:00", "2022-04-15T10:00:00+02:00"),
    ("2022-04-15T10:00:00.123Z", "2022-04-15T10:00:00+00:00"),
    ("2022-04-15 10:00:00 UTC", "2022-04-15T10:00:00+00:00"),
    ("2022-04-15T10:00:00", "2022-04-15"),  # of no known zone
    ("2022-05-02T09:00:00.000+0000", "2022-05-02T09:00:00+00:00"),
    ("22 August, 2016", "2016-08-22"),
    ("August 22, 2016", "2016-08-22"),
    ("Aug. 22nd, 2016", "2016-08-22"),
    ("22nd of August 2016", "2016-08-22"),
    ("22 Aug 2016", "2016-08-22"),
    ("22-Aug-2016", "2016-08-22"),
    ("22/Aug/2016", "2016-08-22"),
    ("Mon, 22 Aug 2016 10:15 GMT", "2016-08-22T10:15:00+00:00"),
    ("Apr 15, 2022, 10:15 PM (GMT+2)", "2022-04-15T22:15:00+02:00"),
    ("Apr 15, 2022, 10:15 PM GMT+5:30", "2022-04-15T22:15:00+05:30"),
    ("Apr 15, 2022, 10:15 PM EST", "2022-04-15"),  # America's, or Australia's
    ("22.08.2016", "2016-08-22"),
    ("03.04.2016", "2016-04-03"),  # stops are written by those who put the day first
    ("22. 8. 2016", "2016-08-22"),
    ("22. August 2016", "2016-08-22"),
    ("1. März 2019", "2019-03-01"),
    ("1er juin 2016", "2016-06-01"),
    ("22 août 2016", "2016-08-22"),
    ("22 de agosto de 2016", "2016-08-22"),
    ("22 de março de 2016", "2016-03-22"),
    ("22 maggio 2016", "2016-05-22"),
    ("22 mei 2016", "2016-05-22"),
    ("22 października 2016", "2016-10-22"),
    ("22 listopada 2016", "2016-11-22"),
    ("22 Ağustos 2016", "2016-08-22"),
    ("22 Kasım 2016", "2016-11-22"),
    ("22 augusti 2016", "2016-08-22"),
    ("22. marts 2016", "2016-03-22"),
    ("22. desember 2016", "2016-12-22"),
    ("22 августа 2016", "2016-08-22"),
    ("2016年8月22日", "2016-08-22"),
    ("２０１６年８月２２日", "2016-08-22"),
    ("2016년 8월 22일", "2016-08-22"),
    ("2016. 8. 22.", "2016-08-22"),
    ("2016/08/22", "2016-08-22"),
    ("13/04/2016", "2016-04-13"),
    ("04/13/2016", "2016-04-13"),
    ("05/05/2016", "2016-05-05"),  # whichever is the day
]
NOT_DATES = [
    "",
    "03/04/2016",
    "31 February 2016",
    "2016-13-01",
    "2016-08-32",
    "22-24 August 2016",
    "22 – 24 August 2016",
    "22 August",
    "August 2016",
    "22/08/16",
    "22 August 1850",
    "22 August 2150",
    "22. listopada 2016",  # October to a Croat
    "set 10, 2016",  # September in Portuguese, but then the day comes first
    "Updated 3 hours ago",
    "version 2016-08-22-1",
    "call 2016-08-2233",
    "/2016/08/22/",
    "１２３４５",
    "22 people 2016",
]


@pytest.mark.parametrize(("text", "iso"), WRITTEN)
def test_reads_dates_as_written(text: str, iso: str) -> None:
    found = parse_date(f"x, {text}; y")
    assert found is not None
    assert found.iso == iso
    assert parse_date(text) is not None


@pytest.mark.parametrize("text", NOT_DATES)
def test_is_silent_rather_than_guessing(text: str) -> None:
    assert parse_date(text) is None


def test_spans_point_at_the_date_with_its_time() -> None:
    text = "Mon, 22 Aug 2016 10:15 GMT | London"
    found = parse_date(text)
    assert found is not None
    assert text[found.start : found.end] == "22 Aug 2016 10:15 GMT"


LINES = [  # text, iso, update, labelled
    ("22 August, 2016", "2016-08-22", False, False),
    ("date 2022-04-15", "2022-04-15", False, True),
    ("Date:2022-04-15", "2022-04-15", False, True),
    ("Published: 22 August, 2016 10:15", "2016-08-22", False, True),
    ("Last updated on 22 August 2016", "2016-08-22", True, True),
    ("Published 22 August 2016 Updated 23 August 2016", "2016-08-22", False, True),
    ("Updated 23 August 2016, published 22 August 2016", "2016-08-22", False, True),
    ("22 August 2016 • 5 min read", "2016-08-22", False, False),
    ("Veröffentlicht am 22. August 2016, 10:15 Uhr", "2016-08-22", False, True),
    ("Stand: 22.08.2016, 10:15 Uhr", "2016-08-22", True, True),
    ("Mis à jour le 22 août 2016 à 10h15", "2016-08-22", True, True),
    ("Publicado em 22/08/2016 às 10h15", "2016-08-22", False, True),
    ("公開日：2016年8月22日（月）10:15", "2016-08-22", False, True),
    ("입력 2016.08.22 10:15", "2016-08-22", False, True),
    ("Giriş Tarihi: 22.08.2016 10:15 Güncelleme Tarihi: 22.08.2016 11:15", "2016-08-22", False, True),
    ("Monday, August 22, 2016 at 5:30pm EDT", "2016-08-22", False, False),
]
NOT_LINES = [
    "Updated 3 hours ago",
    "22 August 2016 was a hot day",
    "22 August 2016 Berlin",
    "22 August 2016 - 24 August 2016",
    "On 22 August 2016, police said",
    "Born 22 August 1980",
    "5 min read",
    "Published " * 30 + "22 August 2016",
]


@pytest.mark.parametrize(("text", "iso", "update", "labelled"), LINES)
def test_recognises_datelines(text: str, iso: str, update: bool, labelled: bool) -> None:
    line = date_line(text)
    assert line is not None
    assert (line.found.iso, line.update, line.labelled) == (iso, update, labelled)


@pytest.mark.parametrize("text", NOT_LINES)
def test_leaves_other_lines_alone(text: str) -> None:
    assert date_line(text) is None


HEADS = [  # text, head, labelled
    ("date 2022-04-15 U.S.-backed forces have moved", "date 2022-04-15", True),
    ("  date: 2022-04-15 10:15 Forces moved", "date: 2022-04-15 10:15", True),
    ("Published on 22 August 2016 Police said", "Published on 22 August 2016", True),
    ("Posted: 22.08.2016 | Police say", "Posted: 22.08.2016 | ", True),
    ("2022-04-15 - Forces moved", "2022-04-15 - ", False),
    ("August 22, 2016 – Police said", "August 22, 2016 – ", False),
]
NO_HEADS = [
    "22 August 2016 was a hot day",
    "2022-04-15 Forces moved",
    "Published 22 August 2016, the book sold well",
    "Published 22 August 2016 by a small press",
    "22 August 2016 – 24 August 2016",
    "date 2022-04-15",
    "Update 2.1 of 22 August 2016 Mended",
]


@pytest.mark.parametrize(("text", "head", "labelled"), HEADS)
def test_finds_the_date_that_heads_a_line(text: str, head: str, labelled: bool) -> None:
    line = leading_date(text)
    assert line is not None
    assert text[line.start : line.end] == head
    assert line.labelled is labelled


@pytest.mark.parametrize("text", NO_HEADS)
def test_leaves_dates_of_sentences_alone(text: str) -> None:
    assert leading_date(text) is None


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("20160822", "2016-08-22"),
        ("20160822T101500Z", "2016-08-22T10:15:00+00:00"),
        (" 2016-08-22 ", "2016-08-22"),
        ("1471860000", None),
        ("99999999", None),
        ("", None),
    ],
)
def test_reads_values_of_date_fields(value: str, iso: str | None) -> None:
    assert date_of_value(value) == iso


@given(st.text(max_size=300) | st.text("0123456789-/.,: TZAugMarde", max_size=300))
def test_never_raises_and_spans_are_valid(text: str) -> None:
    end = 0
    for found in dates_in(text):
        assert end <= found.start < found.end <= len(text)
        end = found.end
    for line in (date_line(text), leading_date(text)):
        if line:
            assert 0 <= line.start <= line.found.start < line.found.end <= line.end <= len(text)
    date_of_value(text)


@pytest.mark.parametrize("piece", ["2016-", "1 Aug ", "22.", "Aug 1, ", " ", "1", "2016. 1. "])
def test_time_does_not_grow_with_the_text(piece: str) -> None:
    text = piece * 300_000
    with bounded_work():
        date_line(text)
        leading_date(text)
        parse_date(text)
