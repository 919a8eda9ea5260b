from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, Engine, event, text

from ingest.errors import UsageError
from ingest.store import feed
from ingest.store.engines import is_postgres
from ingest.store.feed import Filters, page_after
from ingest.store.records import changes_after
from ingest.store.search import query_of, search
from ingest.store.searchable import make_findable
from ingest.store.transactions import reading, writing
from tests.store.test_documents import LONG, OTHER, store, stored


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as connection:
        yield connection


def told(connection: Connection, filters: Filters, limit: int = 2) -> list[tuple[str, str]]:
    """All that a consumer is told: (change, document), page by page."""
    cursor, heard = 0, []
    while True:
        page = page_after(connection, cursor, filters, limit)
        assert len(page.changes) <= limit
        assert all(cursor < change.cursor <= page.cursor for change in page.changes)
        heard += [(change.change, change.document_id) for change in page.changes]
        cursor = page.cursor
        if not page.more:
            return heard


def test_page_by_page_it_is_the_whole_feed(connection: Connection) -> None:
    for n in range(5):
        stored(connection, f"Title {n}\n{n} {LONG}")
        stored(connection, f"Other {n}\n{OTHER} {n}")
    whole = [(change.change, change.document_id) for change in changes_after(connection, 0)]
    for limit in (1, 3, 100):
        assert told(connection, Filters(), limit) == whole


def test_filters_narrow_it_and_a_window_bounds_it(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "WINDOW", 3)
    monkeypatch.setattr(feed, "WORDS_SPAN", 2)
    ids = {}
    for n in range(12):
        source = "rare" if n in (5, 11) else "wire"
        text_ = f"Harbour story\n{n} " + " ".join(f"w{n}x{i}" for i in range(80))
        ids[n] = stored(connection, text_, source).articles[0].document_id
    rare = [("new", ids[5]), ("new", ids[11])]
    assert told(connection, Filters(source="rare")) == rare
    assert told(connection, Filters(query=query_of("w5x3"))) == [("new", ids[5])]
    assert told(connection, Filters(source="rare", query=query_of("harbour"))) == rare
    assert told(connection, Filters(role="trailing")) == []
    assert len(told(connection, Filters(status="unique"))) == 12
    assert told(connection, Filters(published_from="2999-01-01")) == []


def test_what_matches_no_more_is_retracted(connection: Connection) -> None:
    first = stored(connection, f"Harbour\n{LONG}")
    [document] = first.articles
    assert told(connection, Filters(query=query_of("harbour"))) == [("new", document.document_id)]
    store(connection, replace(first, articles=(replace(document, title="Bridge", text=OTHER),)))
    assert told(connection, Filters(query=query_of("harbour"))) == [("retracted", document.document_id)]
    assert told(connection, Filters(query=query_of("bridge"))) == [("revised", document.document_id)]


def test_one_way_to_ask_finds_the_same_on_both(connection: Connection) -> None:
    a = stored(connection, f"The harbour opens\nShips of all kinds, said Ms. O'Hara. {LONG}")
    b = stored(connection, f"Harbourmaster resigns\nThe harbour's master is tired. {OTHER}", "wire")

    def found(query: str, **narrower: object) -> list[str]:
        hits = search(connection, query_of(query), limit=10, **narrower)  # type: ignore[arg-type]
        return [hit.dump_id for hit in hits]

    assert found("harbour") == [b.dump_id, a.dump_id]
    assert found("HARBOUR -tired") == [a.dump_id]
    assert found('"harbour opens"') == [a.dump_id]
    assert found('"opens harbour"') == []
    assert found("harbourm*") == [b.dump_id]
    assert found("o'hara ships") == [a.dump_id]
    assert found("harbour", source="wire") == [b.dump_id]
    [hit] = search(connection, query_of("harbour"), limit=1)
    assert found("harbour", before=hit.seq) == [a.dump_id]
    [tired] = search(connection, query_of("tired"), limit=1)
    assert "tired" in tired.excerpt
    for hostile in ("a\x00b", 'AND "x', "NEAR(", "x') OR 1=1 --", "a:b & !c", "'", "((("):
        try:
            found(hostile)
        except UsageError as error:
            assert "at least one word" in str(error)  # noqa: PT017
    for nothing in ("", "-x", "** --"):
        with pytest.raises(UsageError):
            query_of(nothing)


def test_a_page_goes_by_indexes_at_any_depth(engine: Engine) -> None:
    """No sort, and no look at all documents: the plan of every statement of a page, on a store with many."""
    with writing(engine) as connection:
        [article] = stored(connection, f"Title\n{LONG}").articles
        columns = [
            c for c in _columns(connection) if c not in ('"document_id"', '"seq"', '"source"', '"text"')
        ]
        # Numbered from 2 on; every 50th is of a source of its own.
        numbers = (
            "SELECT n FROM generate_series(2, 20000) AS s(n)"
            if is_postgres(connection)
            else "WITH RECURSIVE s(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM s WHERE n < 20000) SELECT n FROM s"
        )
        connection.execute(
            text(
                f"INSERT INTO articles (document_id, seq, source, text, {', '.join(columns)}) "  # noqa: S608
                f"SELECT 'd' || n, n, CASE WHEN n % 50 = 0 THEN 'rare' ELSE 'wire' END, 'word ' || n, "
                f"{', '.join(columns)} FROM articles, ({numbers}) AS numbered WHERE document_id = :id"
            ),
            {"id": article.document_id},
        )
        make_findable(connection, 2)
        connection.execute(text("UPDATE counters SET value = 20000 WHERE name = 'articles'"))
        connection.execute(text("ANALYZE"))
    statements: list[tuple[str, object]] = []
    event.listen(engine, "before_cursor_execute", lambda *seen: statements.append((seen[2], seen[3])))
    for filters in (
        Filters(),
        Filters(source="rare"),
        Filters(language="xx", status="unique"),
        Filters(query=query_of("word")),
    ):
        with reading(engine) as connection:
            statements.clear()
            page = page_after(connection, 15000, filters, 100)
            for statement, parameters in list(statements):
                if not statement.startswith("SELECT"):
                    continue
                explain = "EXPLAIN " if is_postgres(connection) else "EXPLAIN QUERY PLAN "
                plan = connection.exec_driver_sql(explain + statement, parameters)  # type: ignore[arg-type]
                lines = "\n".join(str(row[-1]) for row in plan)
                assert "Seq Scan on articles" not in lines, (statement, lines)
                assert "SCAN articles" not in lines, (statement, lines)
        assert len(page.changes) == (0 if filters.language else 100)


def _columns(connection: Connection) -> list[str]:
    from ingest.store.schema import articles

    return [f'"{column.name}"' for column in articles.c]
