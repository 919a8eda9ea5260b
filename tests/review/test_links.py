"""Near-copy links that a person confirms or breaks, on both databases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from ingest.errors import UsageError
from ingest.review import links
from ingest.review.sidebyside import Marked, side_by_side
from ingest.review.training import judged_pairs
from ingest.run.results import write_results
from ingest.settings import NearCopies, Settings
from ingest.store import feed, pairs, payloads
from ingest.store.feed import Filters
from ingest.store.transactions import reading, writing
from ingest.version import VERSION
from tests.review.test_correct import cleaning, put, record

STREETS = [
    "harbour",
    "mill",
    "castle",
    "orchard",
    "station",
    "garden",
    "bridge",
    "market",
    "chapel",
    "meadow",
]


def report(more: str = "") -> bytes:
    """A story of some length, and what an edited copy of it has besides."""
    lines = [
        f"People of {street} street {n} told the council on Monday that the water stood {n + 2} metres high, and "
        f"{other} lane could not be reached by anybody before the evening."
        for n, (street, other) in enumerate(zip(STREETS, reversed(STREETS), strict=True))
    ]
    return "\n\n".join(["Flood reaches the old town", *lines, *([more] if more else [])]).encode()


EDITED = report(
    "The mayor of a neighbouring town sent thirty boats at noon, and most of them came back empty."
)


def clean_again(engine: Engine, dump_id: str) -> None:
    with writing(engine) as connection:
        [dump] = payloads.dumps_in(connection, [dump_id])
        write_results(connection, {dump_id: cleaning(dump, None)}, Settings(), version=VERSION)  # type: ignore[dict-item]


def test_a_broken_link_stays_broken_until_that_is_undone(engine: Engine) -> None:
    first, copy = put(engine, report()), put(engine, EDITED)
    mine, other = record(engine, copy)["document_id"], record(engine, first)["document_id"]
    assert (record(engine, copy)["status"], record(engine, copy)["duplicate_of"]) == ("near-copy", other)
    with reading(engine) as connection:
        cursor = feed.newest(connection)
    made = links.say(engine, Settings(), mine, other, "different", by="tester")
    clean_again(engine, copy)
    clean_again(engine, first)
    broken = record(engine, copy)
    assert (broken["status"], broken["duplicate_of"], broken["cluster_id"]) == ("unique", None, mine)
    with reading(engine) as connection:
        [change] = feed.page_after(connection, cursor, Filters(), 10).changes
        assert (change.document_id, change.change) == (mine, "new")
        [pair] = pairs.of_documents(connection, [other])
        [row] = judged_pairs(connection)
    assert (row["word"], "neighbouring town" in row["text"], "neighbouring" in row["other_text"]) == (
        "different",
        True,
        False,
    )
    assert (pair.word, pair.made_by, pair.undone_at) == ("different", "tester", None)
    for _ in range(2):
        links.undo(engine, Settings(), made, by="tester")
    assert record(engine, copy)["duplicate_of"] == other


def test_an_exact_copy_of_what_it_is_not_is_not_taken_instead(engine: Engine) -> None:
    first = record(engine, put(engine, report()))["document_id"]
    put(engine, report() + b"\n")
    copy = put(engine, EDITED)
    links.say(engine, Settings(), record(engine, copy)["document_id"], first, "different", by="tester")
    assert record(engine, copy)["status"] == "unique"


def test_copies_of_a_copy_follow(engine: Engine) -> None:
    first, copy = put(engine, report()), put(engine, EDITED)
    third = put(engine, EDITED + b"\n")
    assert record(engine, third)["status"] == "exact-copy"
    mine, other = record(engine, copy)["document_id"], record(engine, first)["document_id"]
    assert record(engine, third)["cluster_id"] == other
    links.say(engine, Settings(), mine, other, "different", by="tester")
    assert record(engine, third)["cluster_id"] == mine


def test_a_confirmed_link_outlives_stricter_settings(engine: Engine) -> None:
    first, copy = put(engine, report()), put(engine, EDITED)
    mine, other = record(engine, copy)["document_id"], record(engine, first)["document_id"]
    similarity = record(engine, copy)["similarity"]
    links.say(engine, Settings(), mine, other, "copy", by="tester")
    strict = Settings(near_copies=NearCopies(minimum_shingles=5000))
    with writing(engine) as connection:
        [dump] = payloads.dumps_in(connection, [copy])
        write_results(connection, {copy: cleaning(dump, None)}, strict, version=VERSION)  # type: ignore[dict-item]
    after = record(engine, copy)
    assert (after["duplicate_of"], after["similarity"]) == (other, similarity)
    links.say(engine, strict, mine, other, "different", by="another")
    assert record(engine, copy)["status"] == "unique"
    with reading(engine) as connection:
        assert [(p.word, p.undone_by) for p in pairs.every(connection)] == [
            ("copy", "another"),
            ("different", None),
        ]


def test_what_cannot_be_said(engine: Engine) -> None:
    first, same = put(engine, report()), put(engine, report() + b"\n")
    mine, other = record(engine, same)["document_id"], record(engine, first)["document_id"]
    for document_id, of in ((mine, other), (other, mine), ("x", other)):
        with pytest.raises(UsageError):
            links.say(engine, Settings(), document_id, of, "different", by="tester")
    with pytest.raises(UsageError):
        links.undo(engine, Settings(), 77, by="tester")


def shared(marked: Marked) -> list[str]:
    return [piece for paragraph in marked.paragraphs for piece, is_shared in paragraph if is_shared]


def test_what_two_texts_share_is_marked_in_both() -> None:
    one = "It rained.\n\nThe old bridge over the river is closed, said the mayor. Nobody was hurt."
    other = "“THE OLD BRIDGE over the river — is closed!” Buses go another way."
    mine, theirs = side_by_side(one, other)
    assert shared(mine) == ["The old bridge over the river is closed"]
    assert shared(theirs) == ["THE OLD BRIDGE over the river — is closed"]
    assert [paragraph[0][0] for paragraph in mine.paragraphs] == ["It rained.", shared(mine)[0]]
    assert shared(side_by_side(one, "The old bridge is closed.")[0]) == []
    assert side_by_side("", one)[0] == Marked(((),), 0.0)


LINES = st.lists(st.sampled_from(["a b", "c", "d e f", "\n\n", "g.\n\nh"]), max_size=30).map(" ".join)


@given(LINES, LINES)
def test_the_pieces_make_the_texts(one: str, other: str) -> None:
    both = side_by_side(one, other)
    for marked, text in zip(both, (one, other), strict=True):
        assert "\n\n".join("".join(piece for piece, _ in p) for p in marked.paragraphs) == text
        assert 0 <= marked.shared <= 1
    assert bool(shared(both[0])) == bool(shared(both[1]))
