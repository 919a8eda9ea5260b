"""How the networks of several seeds are heard."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.labellers.learned.features import Features
from ingest.labellers.learned.scores import probabilities
from ingest.labellers.learned.text import Floats
from ingest.pipeline import read_page
from ingest.settings import Cleaning
from ingest.splitting.model import splitter
from ingest.splitting.wholes import CANDIDATE_AT
from ingest.stages.decode import Decoded
from ingest.stages.label import label
from tests.conftest import ROOT

TWO_STORIES = (ROOT / "tests/cases/two-stories-page/dump.txt").read_text(encoding="utf-8")


def heard(text: str) -> tuple[Floats, list[Floats]]:
    """The scores of a page's spans, and those of each network."""
    page = read_page(Decoded(text, "text/plain", "utf-8", ()))
    model = splitter()
    gaps = model.gaps(page, label(page, None, Cleaning()))
    features = Features(gaps.numbers, gaps.bags)
    return model.scores(gaps), [*probabilities(model.first, features)]


def test_where_there_is_a_candidate_all_are_asked() -> None:
    found, each = heard(TWO_STORIES)
    assert found.max() > CANDIDATE_AT
    assert found == pytest.approx(np.mean(each, axis=0), abs=1e-6)


def test_a_plain_story_is_cleared_by_the_first_alone() -> None:
    story = "\n\n".join(
        f"The harbour bridge was closed for part {n} of its repairs, the harbour office said."
        for n in range(6)
    )
    found, each = heard(story)
    assert found.max() < CANDIDATE_AT
    assert np.array_equal(found, each[0])
