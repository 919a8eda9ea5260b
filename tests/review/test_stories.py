"""Stories that a person splits or joins, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from ingest.errors import UsageError
from ingest.model import Correction, Cut
from ingest.pipeline import clean
from ingest.review import links
from ingest.review.correct import Reviewer
from ingest.review.page import Piece, opening, page_of
from ingest.review.preview import recut
from ingest.review.training import corrected_dumps
from ingest.review.wish import Wish
from ingest.run.results import write_results
from ingest.settings import Settings
from ingest.store import feed, pairs, payloads, records
from ingest.store.feed import Filters
from ingest.store.transactions import reading, writing
from ingest.version import VERSION
from tests.review.test_correct import SEED, cleaning, piece, put, reviewer, story
from tests.review.test_links import EDITED, report
from tests.stores import only_on

__all__ = ["reviewer"]

MIXED = next(p.read_bytes() for p in sorted(SEED.glob("*.txt")) if len(clean(p.read_bytes()).articles) == 2)


def titles(engine: Engine, dump_id: str) -> list[str | None]:
    with reading(engine) as connection:
        return [record["title"] for record in records.records_of(connection, [dump_id])]


def cut(dump_id: str, span: Piece, kind: Cut) -> Wish:
    return Wish(dump_id, Correction(span.start, span.end, kind))


def opened(engine: Engine, dump_id: str) -> Piece:
    """Where the dump's second story opens."""
    with reading(engine) as connection:
        pieces = page_of(connection, dump_id)
    [where] = opening(pieces)
    return next(piece for piece in pieces if (piece.start, piece.end) == where)


def test_stories_are_joined_and_that_is_undone(engine: Engine, reviewer: Reviewer) -> None:
    dump_id = put(engine, MIXED)
    before = titles(engine, dump_id)
    assert len(before) == 2
    wish = cut(dump_id, opened(engine, dump_id), "continues-story")
    shown = recut(engine, cleaning, wish)
    assert ([told.title for told in shown.now], len(shown.then)) == (before, 1)
    with reading(engine) as connection:
        cursor = feed.newest(connection)
    made = reviewer.correct(wish)
    assert titles(engine, dump_id) == before[:1]
    with reading(engine) as connection:
        changes = feed.page_after(connection, cursor, Filters(), 10).changes
        [joined] = records.records_of(connection, [dump_id])
    assert sorted(change.change for change in changes) == ["retracted", "revised"]
    assert (joined["part"], joined["parts"], joined["role"], joined["possible_mixed"]) == (
        1,
        1,
        "primary",
        None,
    )
    with writing(engine) as connection:  # whoever cleans it again
        [dump] = payloads.dumps_in(connection, [dump_id])
        write_results(connection, {dump_id: cleaning(dump, None)}, Settings(), version=VERSION)  # type: ignore[dict-item]
    assert titles(engine, dump_id) == before[:1]
    undone = reviewer.undo(made)
    assert (undone.kind_before, undone.kind, undone.is_cut) == ("opens-story", "continues-story", True)
    assert titles(engine, dump_id) == before


def test_one_story_is_split_in_two(engine: Engine, reviewer: Reviewer) -> None:
    dump_id = put(engine, story(1) + b"\n\n" + report())
    assert len(titles(engine, dump_id)) == 1
    wish = cut(dump_id, piece(engine, dump_id, "Flood reaches"), "opens-story")
    shown = recut(engine, cleaning, wish)
    assert shown.changes
    assert [told.title for told in shown.then][1:] == ["Flood reaches the old town"]
    made = reviewer.correct(wish)
    with reading(engine) as connection:
        first, second = records.records_of(connection, [dump_id])
        [row] = corrected_dumps(connection)
    assert (second["part"], second["parts"], second["role"], second["url"]) == (2, 2, "trailing", None)
    assert "Council" not in second["text"]
    assert first["parts"] == 2
    assert [cut["opens"] for cut in row["cuts"]] == [True]
    assert {span["part"] for span in row["spans"] if span["kind"] == "paragraph"} == {1, 2}
    assert not any(span["corrected"] for span in row["spans"])
    reviewer.undo(made)
    assert len(titles(engine, dump_id)) == 1


@only_on("sqlite")
def test_the_last_word_on_a_gap_holds(engine: Engine, reviewer: Reviewer) -> None:
    dump_id = put(engine, MIXED)
    span = opened(engine, dump_id)
    reviewer.correct(cut(dump_id, span, "continues-story"))
    reviewer.correct(cut(dump_id, span, "opens-story"))
    assert len(titles(engine, dump_id)) == 2


@only_on("sqlite")
def test_words_on_links_of_stories_that_move_are_taken_back(engine: Engine, reviewer: Reviewer) -> None:
    original = put(engine, report())
    dump_id = put(engine, story(1) + b"\n\n" + EDITED)
    made = reviewer.correct(cut(dump_id, piece(engine, dump_id, "Flood reaches"), "opens-story"))
    with reading(engine) as connection:
        _, second = records.records_of(connection, [dump_id])
        [first] = records.records_of(connection, [original])
    assert second["duplicate_of"] == first["document_id"]
    links.say(engine, Settings(), second["document_id"], first["document_id"], "different", by="tester")
    reviewer.undo(made)
    with reading(engine) as connection:
        [pair] = pairs.every(connection)
    assert pair.undone_by == "tester"


@only_on("sqlite")
def test_what_cannot_be_cut_is_told(engine: Engine, reviewer: Reviewer) -> None:
    dump_id = put(engine, story(1))
    day = piece(engine, dump_id, "day 3")
    for wrong in (
        cut(dump_id, day, "continues-story"),
        cut(dump_id, piece(engine, dump_id, "votes for"), "opens-story"),
        Wish(dump_id, Correction(day.start, day.end, "opens-story"), everywhere=True),
        Wish(dump_id, Correction(day.start, day.end, "opens-story", "other")),
        Wish(dump_id, Correction(1, 2, "opens-story")),
    ):
        with pytest.raises(UsageError):
            reviewer.correct(wrong)
    assert len(titles(engine, dump_id)) == 1
    assert not recut(engine, cleaning, cut(dump_id, day, "continues-story")).changes
