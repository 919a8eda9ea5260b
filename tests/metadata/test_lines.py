"""The date and the names in the header lines of flat texts."""

from __future__ import annotations

import pytest

import ingest

TITLE = "Bridge over the Ilse stays closed until spring"
BODY = """The bridge over the Ilse will stay closed until spring, the council said on Monday evening after a debate.
Engineers had found cracks in two of the piers, and the repairs will take four months longer than planned.
"We cannot open a bridge that we do not trust," said the mayor, who had promised to open it by Christmas.
Shops on the far bank complain that customers stay away, and the bus company has put on a second line."""


def article(*header: str) -> ingest.Article:
    return ingest.clean("\n".join([TITLE, *header, BODY]), media_type="text/plain").articles[0]


@pytest.mark.parametrize(
    ("header", "published"),
    [
        (["22 August 2016"], "2016-08-22"),
        (["Anna Weiss, 22.08.2016 10:00 Uhr"], "2016-08-22"),
        (["City | 22 August 2016"], "2016-08-22"),
        (["By Anna Weiss, 22 August 2016"], "2016-08-22"),
        (["25/04/2026 Actualizado a las 15:10h."], "2026-04-25"),
        (["City | Updated 22 August 2016"], None),
        (["Fair opens | 1 May 2016", "Fair closes | 3 May 2016"], None),
        (["City"], None),
    ],
)
def test_the_date_of_the_header(header: list[str], published: str | None) -> None:
    assert article(*header).published == published


@pytest.mark.parametrize(
    ("header", "authors"),
    [
        (["By", "Anna Weiss"], ("Anna Weiss",)),
        (["von", "Anna Weiss und Karl Kolb"], ("Anna Weiss", "Karl Kolb")),
        (["By", "Staff"], ()),
        (["Anna Weiss"], ()),
        (["New York, 22 August 2016"], ()),
    ],
)
def test_the_names_of_the_header(header: list[str], authors: tuple[str, ...]) -> None:
    assert article(*header).authors == authors


def test_the_way_to_the_story_is_no_part_of_its_title() -> None:
    text = f"HomeCity{TITLE}\n{TITLE}\n{BODY}"
    assert ingest.clean(text, media_type="text/plain").articles[0].title == TITLE
