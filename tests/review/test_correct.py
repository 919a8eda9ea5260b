"""Corrections by the real pipeline, on both databases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ingest.errors import UsageError
from ingest.model import Correction, Dump, Site
from ingest.pipeline import clean
from ingest.review.correct import Reviewer
from ingest.review.page import Piece, page_of
from ingest.review.preview import preview
from ingest.review.training import corrected_dumps
from ingest.review.wish import Wish
from ingest.run.main import run
from ingest.run.pool import Outcome
from ingest.run.results import write_results
from ingest.run.worker import outcome_of
from ingest.settings import Settings
from ingest.store import corrections, feed, ledger, payloads, records, sites
from ingest.store.feed import Filters
from ingest.store.records import Record
from ingest.store.transactions import reading, writing
from ingest.version import VERSION
from tests.store.test_payloads import dump
from tests.stores import only_on

SEED = Path(__file__).parents[2] / "seeds"


def cleaning(one: Dump, site: Site | None) -> Outcome:
    return outcome_of(clean, one, Settings().cleaning, site)


@pytest.fixture
def reviewer(engine: Engine) -> Reviewer:
    return Reviewer(engine, Settings(), cleaning, "tester")


def put(engine: Engine, payload: bytes, source: str = "wire") -> str:
    one = dump(payload, source=source)
    with writing(engine) as connection:
        payloads.receive(connection, [one])
        site = sites.in_force(connection, [source])[source]
        write_results(connection, {one.dump_id: cleaning(one, site)}, Settings(), version=VERSION)  # type: ignore[dict-item]
    return one.dump_id


def record(engine: Engine, dump_id: str) -> Record:
    with reading(engine) as connection:
        return next(records.records_of(connection, [dump_id]))


def piece(engine: Engine, dump_id: str, text: str) -> Piece:
    with reading(engine) as connection:
        return next(piece for piece in page_of(connection, dump_id) if text in piece.text)


def wish(
    dump_id: str, span: Piece, kind: str, reason: str | None = None, *, everywhere: bool = False
) -> Wish:
    return Wish(dump_id, Correction(span.start, span.end, kind, reason), everywhere)  # type: ignore[arg-type]


def story(n: int) -> bytes:
    """A story of its own, with a line that the site has in all of them."""
    words = [
        f"The council of town {n} met on day {i} and heard what people of street {n * 7 + i} said."
        for i in range(6)
    ]
    return "\n\n".join(
        [f"Council number {n} votes for the bridge", *words, "Read time matters to us all here.", *words[:2]]
    ).encode()


def test_a_removed_span_is_restored_and_that_is_undone(engine: Engine, reviewer: Reviewer) -> None:
    [payload] = [
        p.read_bytes() for p in SEED.glob("*.txt") if "2 min read" in p.read_text("utf-8", "replace")
    ][:1]
    dump_id = put(engine, payload)
    span = piece(engine, dump_id, "2 min read")
    assert span.removal is not None
    before = record(engine, dump_id)
    made = reviewer.correct(wish(dump_id, span, "paragraph"))
    after = record(engine, dump_id)
    assert "2 min read" in after["text"]
    assert after["revision"] == before["revision"] + 1
    with reading(engine) as connection:
        [change] = [
            c
            for c in feed.page_after(connection, 0, Filters(), 10).changes
            if c.document_id == after["document_id"]
        ]
        assert change.change == "revised"
        [row] = corrections.of_dump(connection, dump_id)
    assert (row.text, row.kind_before, row.reason_before, row.made_by) == (
        "2 min read",
        "boilerplate",
        "reading-time",
        "tester",
    )
    reviewer.undo(made)
    assert record(engine, dump_id)["text"] == before["text"]
    reviewer.undo(made)
    with reading(engine) as connection:
        [row] = corrections.of_dump(connection, dump_id)
    assert row.undone_by == "tester"


def test_a_kept_span_is_removed_and_stays_so_whoever_cleans_again(engine: Engine, reviewer: Reviewer) -> None:
    dump_id = put(engine, story(1))
    span = piece(engine, dump_id, "day 3")
    reviewer.correct(wish(dump_id, span, "boilerplate", "other"))
    removed = piece(engine, dump_id, "day 3").removal
    assert removed is not None
    assert (removed.reason, removed.rule) == ("other", "correction")
    with reading(engine) as connection:
        [kept] = payloads.dumps_in(connection, [dump_id])
    again = cleaning(kept, None)
    assert "day 3" not in again.cleaned.articles[0].text  # type: ignore[union-attr]


def test_always_on_this_site(engine: Engine, reviewer: Reviewer) -> None:
    ids = [put(engine, story(n)) for n in range(3)]
    put(engine, story(9), "elsewhere")
    line = "Read time matters to us all here."
    span = piece(engine, ids[0], line)
    assert span.removal is None
    shown = preview(engine, cleaning, "wire", line, "drop")
    assert (shown.looked_at, len(shown.changed)) == (3, 3)
    assert ("lost", line) in shown.changed[0].lines
    made = reviewer.correct(wish(ids[0], span, "boilerplate", "newsletter", everywhere=True))
    assert line not in record(engine, ids[0])["text"]
    with reading(engine) as connection:
        [known] = sites.lines_of(connection, "wire")
    assert (known.word, known.example) == ("drop", line)
    assert line not in record(engine, put(engine, story(4)))["text"]
    reviewer.undo(made)
    assert line in record(engine, ids[0])["text"]
    with reading(engine) as connection:
        assert sites.lines_of(connection, "wire") == []


def test_restored_on_the_whole_site(engine: Engine, reviewer: Reviewer) -> None:
    ids = [put(engine, story(n) + b"\n\nYour Comment\n") for n in range(2)]
    span = piece(engine, ids[0], "Your Comment")
    assert span.removal is not None
    shown = preview(engine, cleaning, "wire", span.text, "restore")
    assert [("gained", "Your Comment") in changed.lines for changed in shown.changed] == [True, True]
    reviewer.correct(wish(ids[0], span, "paragraph", everywhere=True))
    assert "Your Comment" in record(engine, put(engine, story(5) + b"\n\nYour Comment\n"))["text"]


def test_what_cannot_be_is_told(engine: Engine, reviewer: Reviewer) -> None:
    dump_id = put(engine, story(1))
    span = piece(engine, dump_id, "day 3")
    for wrong in (
        Wish(dump_id, Correction(0, 3, "paragraph")),
        Wish("0" * 64, Correction(0, 3, "paragraph")),
        wish(dump_id, span, "boilerplate", "because"),
        wish(dump_id, span, "paragraph", "other"),
        wish(dump_id, span, "nonsense"),
    ):
        with pytest.raises(UsageError):
            reviewer.correct(wrong)
    with pytest.raises(UsageError):
        reviewer.undo(77)


@only_on("sqlite")
def test_it_outlives_a_replay(engine: Engine, reviewer: Reviewer) -> None:
    dump_id = put(engine, story(1))
    reviewer.correct(wish(dump_id, piece(engine, dump_id, "day 3"), "boilerplate", "other"))
    before = record(engine, dump_id)
    with writing(engine) as connection:
        ledger.open_again(connection, [dump_id])
        [stored] = payloads.dumps_in(connection, [dump_id])
    # As a reader brings it: without what people said.
    report = run([replace(stored, corrections=())], engine, Settings(workers=1))
    assert report.done == 1
    assert record(engine, dump_id) == before
    with reading(engine) as connection:
        [row] = corrected_dumps(connection)
    gold = [span for span in row["spans"] if span["corrected"]]
    assert [(span["kind"], span["reason"]) for span in gold] == [("boilerplate", "other")]
    assert len(row["spans"]) > 1
