from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, func, select

from ingest.index import candidates
from ingest.index.protocol import Entry, Verdict
from ingest.index.sketch import sketch_of
from ingest.index.sql import SqlIndex
from ingest.settings import NearCopies
from ingest.store.schema import rare_shingles, sketches
from ingest.store.transactions import reading, writing
from tests.index.contract import OTHER, STORY, WORDS, NearCopyIndexContract, add

SETTINGS = NearCopies(similarity=0.65, minimum_shingles=30)


class TestSqlIndex(NearCopyIndexContract):
    @pytest.fixture
    def index(self, engine: Engine) -> Iterator[SqlIndex]:
        with writing(engine) as connection:
            yield SqlIndex(connection, SETTINGS)


def test_an_aborted_transaction_leaves_no_phantom(engine: Engine) -> None:
    def fail() -> None:
        with writing(engine) as connection:
            add(SqlIndex(connection, SETTINGS), "a", STORY)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with writing(engine) as connection:
        assert add(SqlIndex(connection, SETTINGS), "b", STORY).status == "unique"


def test_forgetting_leaves_no_rows(engine: Engine) -> None:
    with writing(engine) as connection:
        index = SqlIndex(connection, SETTINGS)
        add(index, "a", STORY)
        add(index, "a", OTHER)
        index.remove(["a"])
    with reading(engine) as connection:
        for table in (sketches, rare_shingles):
            assert connection.scalar(select(func.count()).select_from(table)) == 0


def test_in_a_large_family_the_closest_are_compared(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "MAX_CANDIDATES", 1)
    with writing(engine) as connection:
        index = SqlIndex(connection, SETTINGS)
        for n in range(5):
            add(index, f"far{n}", " ".join([*WORDS[:60], *WORDS[200 + 30 * n : 230 + 30 * n]]))
        add(index, "near", " ".join(WORDS[:98]))
        assert add(index, "x", STORY).of == "near"


def test_the_thresholds_are_the_settings(engine: Engine) -> None:
    with writing(engine) as connection:
        strict = SqlIndex(connection, NearCopies(similarity=0.9, minimum_shingles=1000))
        add(strict, "a", STORY)
        assert add(strict, "b", STORY + " more").status == "unique"


def test_sketches_of_another_algorithm_are_compared_as_exact_texts_alone_until_made_anew(
    engine: Engine,
) -> None:
    with writing(engine) as connection:
        index = SqlIndex(connection, SETTINGS)
        old = replace(sketch_of(STORY), shingles=b"", numbers=b"", algorithm=1)
        index.add([Entry("old", 1, old)])
        cut = " ".join(STORY.split()[:60])
        assert add(index, "cut", cut) == Verdict("unique")
        assert add(index, "same", STORY) == Verdict("exact-copy", "old", 1.0, "exact")
        assert index.add([Entry("old", 2, sketch_of(STORY))]).unsettled == ("cut", "same")
        assert index.again(["cut", "same"]) == [
            Verdict("near-copy", "old", 1.0, "contained"),
            Verdict("exact-copy", "old", 1.0, "exact"),
        ]
