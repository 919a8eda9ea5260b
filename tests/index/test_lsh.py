from __future__ import annotations

import pytest

from ingest.index.lsh import LshIndex
from ingest.index.protocol import Entry, Verdict
from ingest.index.sketch import sketch_of
from ingest.settings import NearCopies
from tests.index.contract import STORY, NearCopyIndexContract


class TestLshIndex(NearCopyIndexContract):
    @pytest.fixture
    def index(self) -> LshIndex:
        return LshIndex(NearCopies(similarity=0.65, minimum_shingles=30))


def test_who_came_before_is_judged_again() -> None:
    index = LshIndex(NearCopies())
    assert index.add([Entry("later", 2, sketch_of(STORY))]).verdicts == (Verdict("unique"),)
    assert index.add([Entry("first", 1, sketch_of(STORY + " more"))]).unsettled == ("later",)
    assert index.again(["later"])[0].of == "first"
