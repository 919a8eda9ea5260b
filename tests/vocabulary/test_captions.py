"""Captions: what is one for certain, and sentences that only look like one."""

from __future__ import annotations

import pytest

from ingest.vocabulary.captions import is_caption


@pytest.mark.parametrize(
    "line",
    [
        "Mayor Weiss (left) and the engineer Kolb (right) on the bridge",
        "Mayor Weiss (left) may have to dismiss Kolb (right).",
        "Weiss (rechts) und Kolb auf der Brücke",
        "The bridge in August [Getty]",
        "Photo: Anna Weiss",
    ],
)
def test_captions(line: str) -> None:
    assert is_caption(line)


@pytest.mark.parametrize(
    "line",
    [
        "Mayor Weiss (left) said on Monday that the bridge would stay closed.",
        "The bridge (built in 1911) stays closed",
        "Council left without a bridge",
        "(left)",
    ],
)
def test_what_is_no_caption(line: str) -> None:
    assert not is_caption(line)
