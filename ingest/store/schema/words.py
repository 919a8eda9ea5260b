"""What people said."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Integer, String, Table, Text

from ingest.store.schema.base import Position, metadata
from ingest.store.schema.dumps import dumps

# What people said of spans, newest last; a row that was undone stays, for it says what was tried.
corrections = Table(
    "corrections",
    metadata,
    Column("correction_id", Position, primary_key=True, autoincrement=True),
    Column("dump_id", ForeignKey(dumps.c.dump_id), nullable=False, index=True),
    Column("start", Integer, nullable=False),  # this and the next: code points of the page text
    Column("end", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("kind", String(16), nullable=False),  # what it is: a `model.Kind`; or a `model.Cut`
    Column("reason", String(32)),  # of boilerplate
    Column("kind_before", String(16), nullable=False),  # this and the next two: what was said before
    Column("reason_before", String(32)),
    Column("rule_before", Text),
    Column("source", Text),  # set where it holds for this line on the whole site
    Column("word_before", String(8)),  # of the site's line, for whoever undoes it
    Column("made_at", String(32), nullable=False),
    Column("made_by", Text, nullable=False),  # the id of a token, or a person at the command line
    Column("undone_at", String(32)),
    Column("undone_by", Text),
)

# What people said of near-copy links.  Documents come and go with their dumps, so these rows name them and hold no key.
pairs = Table(
    "pairs",
    metadata,
    Column("pair_id", Position, primary_key=True, autoincrement=True),
    Column("document_id", String(128), nullable=False, index=True),  # the later of the two
    Column("other_id", String(128), nullable=False, index=True),
    Column("word", String(16), nullable=False),  # "copy" | "different"
    Column("similarity", Float, nullable=False),  # of the link when it was said
    Column("made_at", String(32), nullable=False),
    Column("made_by", Text, nullable=False),
    Column("undone_at", String(32)),
    Column("undone_by", Text),
)
