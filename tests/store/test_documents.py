from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from sqlalchemy import Connection, Engine

from ingest.cli.show import found_by, marked, page_of
from ingest.cli.summary import summary_of
from ingest.errors import UsageError
from ingest.index.sql import SqlIndex
from ingest.model import Cleaned, Status
from ingest.run.results import keep
from ingest.run.worker import Success
from ingest.settings import NearCopies
from ingest.stages.deduplicate import sketches_of
from ingest.store import documents, payloads, records
from ingest.store.transactions import writing
from tests.cleaners import cleaned_of
from tests.store.test_payloads import dump

LONG = " ".join(f"word{n}" for n in range(80))
OTHER = " ".join(f"other{n}" for n in range(80))


def store(connection: Connection, cleaned: Cleaned, version: str = "1") -> None:
    keep(
        connection,
        SqlIndex(connection, NearCopies()),
        [Success(cleaned, sketches_of(cleaned))],
        version=version,
    )


def stored(connection: Connection, text: str, source: str = "here") -> Cleaned:
    payload = text.encode()
    payloads.receive(connection, [dump(payload, source=source)])
    cleaned = cleaned_of(payload)
    store(connection, cleaned)
    return cleaned


def test_a_record_holds_every_field_in_the_order_of_the_contract(engine: Engine) -> None:
    with writing(engine) as connection:
        cleaned = stored(connection, f"# menu\nTitle\n{LONG}\n===\n{OTHER}\n")
        first, second = records.records_of(connection, [cleaned.dump_id])
    assert list(first) == list(records.Record.__annotations__)
    for record, article in zip((first, second), cleaned.articles, strict=True):
        for name in (
            "document_id",
            "part",
            "parts",
            "role",
            "title",
            "standfirst",
            "text",
            "published",
            "url",
        ):
            assert record[name] == getattr(article, name)
        assert record["authors"] == list(article.authors)
        assert record["language_confidence"] == article.language_confidence
        assert (record["status"], record["duplicate_of"], record["similarity"]) == ("unique", None, None)
        assert record["cluster_id"] == record["document_id"]
        assert (record["source"], record["revision"], record["dump_id"]) == ("here", 1, cleaned.dump_id)
    assert [r["text"] for r in first["removals"]] == ["# menu", "==="]
    assert second["removals"] == []


def test_writing_the_same_again_changes_nothing(engine: Engine) -> None:
    with writing(engine) as connection:
        cleaned = stored(connection, f"Title\n{LONG}\n")
        before = list(records.records_after(connection, 0))
        store(connection, cleaned)
        assert list(records.records_after(connection, 0)) == before


def test_a_changed_document_is_the_next_revision_at_the_end_of_the_feed(engine: Engine) -> None:
    with writing(engine) as connection:
        one = stored(connection, f"Title\n{LONG}\n")
        stored(connection, f"Title\n{OTHER}\n")
        changed = replace(one, articles=(replace(one.articles[0], title="Better"),))
        store(connection, changed, version="2")
        feed = list(records.records_after(connection, 0))
        assert [(seq, record["revision"], record["title"]) for seq, record in feed] == [
            (2, 1, "Title"),
            (3, 2, "Better"),
        ]
        assert feed[1][1]["pipeline_version"] == "2"
        assert list(records.records_after(connection, 3)) == []


def test_copies_are_linked_and_counted(engine: Engine) -> None:
    with writing(engine) as connection:
        one = stored(connection, f"{LONG}\n")
        two = stored(connection, f"{LONG.upper()}\n")
        three = stored(connection, f"{LONG} and a little more\n")
        ids = [c.articles[0].document_id for c in (one, two, three)]
        found = list(records.records_of(connection, [three.dump_id, one.dump_id, two.dump_id]))
        assert [r["document_id"] for r in found] == [ids[2], ids[0], ids[1]]
        assert [r["status"] for r in found] == ["near-copy", "unique", "exact-copy"]
        assert [r["duplicate_of"] for r in found] == [ids[0], None, ids[0]]
        assert {r["cluster_id"] for r in found} == {ids[0]}
        assert records.status_counts(connection) == {"unique": 1, "exact-copy": 1, "near-copy": 1}
        assert set(records.status_counts(connection)) == set(get_args(Status))
        summary = summary_of(connection, [one.dump_id, three.dump_id])
        assert summary.documents == {"unique": 1, "exact-copy": 0, "near-copy": 1}


def test_copies_of_a_vanished_document_are_judged_anew(engine: Engine) -> None:
    with writing(engine) as connection:
        first = stored(connection, f"{OTHER}\n===\n{LONG}\n")
        copy = stored(connection, f"{LONG} with more\n")
        further = stored(connection, f"{LONG} with more still\n")
        gone = first.articles[1].document_id
        store(connection, replace(first, articles=(replace(first.articles[0], parts=1),)), version="2")
        found = {
            r["document_id"]: r
            for r in records.records_of(connection, [first.dump_id, copy.dump_id, further.dump_id])
        }
        heir = copy.articles[0].document_id
        assert gone not in found
        assert (found[heir]["status"], found[heir]["cluster_id"], found[heir]["revision"]) == (
            "unique",
            heir,
            1,  # cleaning it did not change, what it copied did
        )
        last = found[further.articles[0].document_id]
        assert (last["duplicate_of"], last["cluster_id"]) == (heir, heir)
        assert documents.copies_of(connection, [gone]) == []


def test_a_dump_without_article_is_done_with_its_removals(engine: Engine) -> None:
    with writing(engine) as connection:
        cleaned = stored(connection, "# all\n# furniture\n")
        assert list(records.records_of(connection, [cleaned.dump_id])) == []
        assert records.without_article(connection) == 1
        assert summary_of(connection, [cleaned.dump_id]).characters["other"] == 16
        assert [r["text"] for r in records.removals_of(connection, [cleaned.dump_id])[cleaned.dump_id]] == [
            "# all",
            "# furniture",
        ]


def test_the_feed_is_read_in_portions(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_PORTION", 2)
    with writing(engine) as connection:
        dump_ids = [stored(connection, f"# {n}\nstory {n}\n").dump_id for n in range(5)]
        assert [seq for seq, _ in records.records_after(connection, 1)] == [2, 3, 4, 5]
        assert [r["dump_id"] for r in records.records_of(connection, dump_ids[::-1])] == dump_ids[::-1]


def test_ids_may_be_shortened_while_they_are_clear(engine: Engine) -> None:
    with writing(engine) as connection:
        one = stored(connection, f"{LONG}\n===\n{OTHER}\n")
        second = one.articles[1].document_id
        assert [r["part"] for r in found_by(connection, second[:8]).records] == [2]
        assert [r["part"] for r in found_by(connection, one.dump_id[:8]).records] == [1, 2]
        for wrong in ("", "abc", "%%%%", "____", "zzzz"):
            with pytest.raises(UsageError):
                found_by(connection, wrong)


def test_an_ambiguous_id_lists_what_it_may_mean(engine: Engine) -> None:
    with writing(engine) as connection:
        one, two = stored(connection, f"{LONG}\n"), stored(connection, f"{OTHER}\n")
        for cleaned, name in ((one, "abcd-1"), (two, "abcd-2")):
            store(
                connection, replace(cleaned, articles=(replace(cleaned.articles[0], document_id=name),)), "2"
            )
        with pytest.raises(UsageError, match="abcd-1\n  abcd-2"):
            found_by(connection, "abcd")
        assert found_by(connection, "abcd-2").dump_id == two.dump_id


def test_the_page_is_rebuilt_with_what_was_removed(engine: Engine) -> None:
    with writing(engine) as connection:
        cleaned = stored(connection, "# menu\nTitle \x1b[31m\nbody\n# [bold]end[/bold]\n")
        page = marked(page_of(connection, cleaned.dump_id))
    assert page == "[-# menu-] {other, test}\nTitle \ufffd[31m\nbody\n[-# [bold]end[/bold]-] {other, test}"
