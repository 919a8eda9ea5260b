"""A person's word on a near-copy link: it holds whenever one of the two is cleaned again, until it is undone."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, select

from ingest.errors import UsageError
from ingest.run.results import judge_again
from ingest.settings import Settings
from ingest.store import pairs, records
from ingest.store.pairs import Pair, PairWord
from ingest.store.schema import articles
from ingest.store.transactions import in_turn, writing


def say(
    engine: Engine, settings: Settings, document_id: str, other_id: str, word: PairWord, *, by: str
) -> int:
    """Confirm (`copy`) or break (`different`) the link of a document to what it copies.  -> the word's number.

    Broken, the document is judged by what else came before it.  Raises UsageError where there is no such link (any
    more), or it is of an exact copy; Unavailable.
    """
    with writing(engine) as connection:
        in_turn(connection)
        record = records.record_of(connection, document_id)
        if record is None or record["duplicate_of"] != other_id:
            raise UsageError("these two are not linked (any more): look at the document again")
        if record["status"] == "exact-copy":
            raise UsageError("their texts are the same word for word: such a link is nobody's opinion")
        stands = [
            pair for pair in pairs.of_documents(connection, [document_id]) if _is(pair, document_id, other_id)
        ]
        pairs.mark_undone(connection, [pair.pair_id for pair in stands], by)
        similarity = record["similarity"] or 0.0
        made = pairs.add(connection, document_id, other_id, word, similarity=similarity, by=by)
        judge_again(connection, [document_id], settings)
        return made


def undo(engine: Engine, settings: Settings, pair_id: int, *, by: str) -> Pair:
    """Take it back; one that was undone before stays so.  Raises UsageError for a number that is none, Unavailable."""
    with writing(engine) as connection:
        in_turn(connection)
        pair = pairs.find(connection, pair_id)
        if pair is None:
            raise UsageError(f"no word on a link has the number {pair_id}")
        if pair.undone_at is None:
            pairs.mark_undone(connection, [pair_id], by)
            _judge_if_there(connection, pair.document_id, settings)
        return pair


def _is(pair: Pair, document_id: str, other_id: str) -> bool:
    return (pair.document_id, pair.other_id, pair.undone_at) == (document_id, other_id, None)


def _judge_if_there(connection: Connection, document_id: str, settings: Settings) -> None:
    asked = select(articles.c.document_id).where(articles.c.document_id == document_id)
    if connection.scalar(asked) is not None:
        judge_again(connection, [document_id], settings)
