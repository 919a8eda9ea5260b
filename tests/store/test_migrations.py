"""Stores of earlier versions keep what they hold."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import create_engine, text

from ingest.store import ledger, sites
from ingest.store.migrations import config_on
from ingest.store.numbers import arrivals_of
from ingest.store.opening import open_engine
from ingest.store.search import query_of, search
from ingest.store.transactions import reading, writing

BEFORE = """
INSERT INTO dumps (dump_id, payload, size, received_at) VALUES
 ('b', NULL, 0, '2026-01-01'), ('a', NULL, 0, '2026-01-02'), ('c', NULL, 0, '2026-01-03'), ('d', NULL, 0, '2026-01-03');
INSERT INTO ledger (dump_id, state, attempts, updated_at) VALUES
 ('a', 'done', 1, 'x'), ('b', 'done', 1, 'x'), ('c', 'received', 0, 'x'), ('d', 'dead', 3, 'x');
INSERT INTO articles (document_id, seq, dump_id, part, parts, role, text, authors, captions, language_confidence,
 cluster_id, revision, pipeline_version, cleaned_at, blocks, evidence) VALUES
 ('b1', 1, 'b', 1, 2, 'primary', 't', '[]', '[]', 0, 'b1', 1, '1', 'x', '[]', '[]'),
 ('b2', 2, 'b', 2, 2, 'trailing', 't', '[]', '[]', 0, 'b1', 1, '1', 'x', '[]', '[]'),
 ('a1', 3, 'a', 1, 1, 'primary', 't', '[]', '[]', 0, 'b1', 1, '1', 'x', '[]', '[]');
INSERT INTO links (document_id, duplicate_of, kind, similarity) VALUES ('a1', 'b1', 'exact', 1);
INSERT INTO sketches (position, document_id, exact, size, shingles, bands) VALUES
 (1, 'b1', 'e', 0, '', ''), (2, 'b2', 'f', 0, '', ''), (3, 'a1', 'e', 0, '', '');
INSERT INTO bands (band, position) VALUES (7, 1), (7, 2), (7, 3);
INSERT INTO counters (name, value) VALUES ('articles', 3), ('sketches', 3);
"""


BEFORE_SITES = """
INSERT INTO dumps (dump_id, payload, size, received_at) VALUES ('a', 'x', 1, '2026-01-01');
INSERT INTO ledger (dump_id, arrival, state, attempts, pipeline_version, updated_at) VALUES ('a', 1, 'done', 1, '1', 'x')
"""


BEFORE_REVIEW = """
INSERT INTO articles (document_id, seq, dump_id, part, parts, role, title, text, authors, captions, language_confidence,
 cluster_id, revision, pipeline_version, cleaned_at, blocks, evidence) VALUES
 ('a1', 1, 'a', 1, 1, 'primary', 'Harbour', 't', '[]', '[]', 0, 'a1', 1, '1', 'x',
  '[[3, 9, "title", "Harbour"], [12, 13, "paragraph", "t"]]', '[]')
"""


def test_from_the_service_to_what_sources_repeat(store_url: str) -> None:
    old = create_engine(store_url)
    if old.dialect.name == "sqlite":
        Path(str(old.url.database)).parent.mkdir(parents=True, exist_ok=True)
    with old.begin() as connection:
        command.upgrade(config_on(connection), "0003")
        for statement in BEFORE_SITES.split(";"):
            connection.execute(text(statement))
    old.dispose()
    engine = open_engine(store_url)
    with reading(engine) as connection:
        assert sites.listed(connection) == []
        assert ledger.count_done(connection, ledger.Selection("1"), 0) == 0
    with writing(engine) as connection:
        sites.note(connection, [sites.Noted("a", "wire", 1, "", b"")])
        assert sites.with_news(connection, 1) == ["wire"]
    engine.dispose()


def test_from_what_sources_repeat_to_review(store_url: str) -> None:
    """Documents that were there before are found like those that come later."""
    old = create_engine(store_url)
    if old.dialect.name == "sqlite":
        Path(str(old.url.database)).parent.mkdir(parents=True, exist_ok=True)
    with old.begin() as connection:
        command.upgrade(config_on(connection), "0004")
        for statement in BEFORE_SITES.split(";"):
            connection.execute(text(statement))
        connection.execute(text(BEFORE_REVIEW))
    old.dispose()
    engine = open_engine(store_url)
    with reading(engine) as connection:
        [hit] = search(connection, query_of("harbour"), limit=5)
        assert hit.document_id == "a1"
        assert connection.execute(text('SELECT start, "end" FROM articles')).one() == (3, 13)
    with writing(engine) as connection:
        connection.execute(text("UPDATE articles SET title = 'Bridge', seq = 2"))
        assert search(connection, query_of("harbour"), limit=5) == []
        assert [hit.seq for hit in search(connection, query_of("bridge"), limit=5)] == [2]
    engine.dispose()


def test_from_the_queue_to_the_service(store_url: str) -> None:
    old = create_engine(store_url)
    if old.dialect.name == "sqlite":  # a store of that version lay in its folder
        Path(str(old.url.database)).parent.mkdir(parents=True, exist_ok=True)
    with old.begin() as connection:
        command.upgrade(config_on(connection), "0002")
        for statement in filter(str.strip, BEFORE.split(";")):
            connection.execute(text(statement))
    old.dispose()
    engine = open_engine(store_url)
    with reading(engine) as connection:
        arrivals = {row[0]: row[1] for row in connection.execute(text("SELECT dump_id, arrival FROM ledger"))}
        assert sorted(arrivals, key=lambda dump_id: arrivals[dump_id]) == ["b", "a", "c", "d"]
        places = text("SELECT document_id, position FROM sketches ORDER BY position")
        assert [tuple(row) for row in connection.execute(places)] == [
            ("b1", 1 << 16),
            ("b2", 2 << 16),
            ("a1", 3 << 16),
        ]
        algorithms = connection.scalars(text("SELECT algorithm FROM sketches"))
        assert list(algorithms) == [1, 1, 1]  # to be made anew: ingest replay
        said = text(
            "SELECT document_id, was_unique, duplicate_of, copy_kind, similarity FROM articles ORDER BY seq"
        )
        assert [(name, bool(was), *link) for name, was, *link in connection.execute(said)] == [
            ("b1", True, None, None, None),
            ("b2", True, None, None, None),
            ("a1", False, "b1", "exact", 1.0),
        ]
    with writing(engine) as connection:
        [following] = arrivals_of(connection, 1)
        assert following > max(arrivals.values())
    engine.dispose()
