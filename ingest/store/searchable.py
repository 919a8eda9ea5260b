"""Full text of the documents, kept by the database itself: a row for each, under its number in the feed.

It is written in the same transaction as the documents, so it cannot fall behind: by triggers, and new documents of
SQLite a batch at once.  Statements as of revision 0014; a later change brings statements of its own.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from ingest.store.engines import is_postgres

# `articles` is the content: the text is there once, the index holds words alone.
_SQLITE = (
    """
    CREATE VIRTUAL TABLE search USING fts5(
        title, standfirst, text, content='articles', content_rowid='seq', tokenize='unicode61 remove_diacritics 2'
    )
    """,
    """
    CREATE TRIGGER articles_searchable_gone AFTER DELETE ON articles BEGIN
        INSERT INTO search(search, rowid, title, standfirst, text)
        VALUES ('delete', old.seq, old.title, old.standfirst, old.text);
    END
    """,
    """
    CREATE TRIGGER articles_searchable_changed AFTER UPDATE OF seq, title, standfirst, text ON articles BEGIN
        INSERT INTO search(search, rowid, title, standfirst, text)
        VALUES ('delete', old.seq, old.title, old.standfirst, old.text);
        INSERT INTO search(rowid, title, standfirst, text) VALUES (new.seq, new.title, new.standfirst, new.text);
    END
    """,
    "INSERT INTO search(search) VALUES ('rebuild')",
)

# No trigger: within one, FTS5 writes what it has gathered at every row, and merges all these pieces afterwards.
_SQLITE_NEW = text(
    "INSERT INTO search(rowid, title, standfirst, text) "
    "SELECT seq, title, standfirst, text FROM articles WHERE seq >= :first"
)

# The first 100,000 characters: a tsvector holds a megabyte, and more would keep the document out of the store.
_WORDS = "to_tsvector('simple', left(concat_ws(E'\\n', {0}title, {0}standfirst, {0}text), 100000))"

_POSTGRES = (
    "CREATE TABLE search (seq bigint CONSTRAINT pk_search PRIMARY KEY, words tsvector NOT NULL)",
    f"INSERT INTO search SELECT seq, {_WORDS.format('')} FROM articles",  # noqa: S608  (nobody's input)
    "CREATE INDEX ix_search_words ON search USING gin (words)",
    f"""
    CREATE FUNCTION articles_searchable() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            DELETE FROM search WHERE seq = OLD.seq;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            INSERT INTO search VALUES (NEW.seq, {_WORDS.format("NEW.")});
        END IF;
        RETURN NULL;
    END $$
    """,  # noqa: S608
    """
    CREATE TRIGGER articles_searchable AFTER INSERT OR DELETE OR UPDATE OF seq, title, standfirst, text
    ON articles FOR EACH ROW EXECUTE FUNCTION articles_searchable()
    """,
)


def make_searchable(connection: Connection) -> None:
    """Make the index of the documents that are there, and have it kept."""
    for statement in _POSTGRES if is_postgres(connection) else _SQLITE:
        connection.exec_driver_sql(statement)


def make_findable(connection: Connection, first: int) -> None:
    """Index the documents that this transaction has inserted: all that are numbered from `first` on, once."""
    if not is_postgres(connection):
        connection.execute(_SQLITE_NEW, {"first": first})
