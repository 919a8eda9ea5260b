"""Corrections as data to learn from: corrected dumps with a label for each of their spans, and judged pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from ingest.review.page import page_of
from ingest.store import corrections, pairs, records
from ingest.store.payloads import dumps_in


def corrected_dumps(connection: Connection) -> Iterator[dict[str, Any]]:
    """In the order of their first correction: spans as they are labelled now, and every word that was said.

    A span that a person spoke of, and still means, has `corrected` true: that is gold, the rest is the pipeline's.
    `part` numbers the story that a kept span belongs to; `cuts` is what a person says of where stories open.
    """
    seen = set[str]()
    for made in corrections.made_after(connection, 0):
        if made.dump_id in seen:
            continue
        seen.add(made.dump_id)
        said = corrections.of_dump(connection, made.dump_id)
        standing = [one for one in said if one.undone_at is None]
        gold = {(one.start, one.end): one for one in standing if not one.is_cut}
        [dump] = dumps_in(connection, [made.dump_id])
        spans = []
        for piece in page_of(connection, made.dump_id):
            if piece.end:
                kind, reason, _ = piece.said
                word = gold.get((piece.start, piece.end))
                spans.append(
                    {
                        "start": piece.start,
                        "end": piece.end,
                        "text": piece.text,
                        "kind": word.kind if word else kind,
                        "reason": word.reason if word else reason,
                        "corrected": word is not None,
                        "part": piece.part or None,
                    }
                )
        yield {
            "dump_id": made.dump_id,
            "source": dump.source,
            "url": dump.url,
            "media_type": dump.media_type,
            "spans": spans,
            "cuts": [
                {"start": one.start, "end": one.end, "opens": one.kind == "opens-story"}
                for one in standing
                if one.is_cut
            ],
            "corrections": [asdict(one) for one in said],
        }


def judged_pairs(connection: Connection) -> Iterator[dict[str, Any]]:
    """What holds now of pairs that people judged, oldest first: `word` is "copy" or "different", over both texts.

    A pair of which one document is no more is left out.
    """
    for pair in pairs.every(connection):
        if pair.undone_at is None:
            both = [records.record_of(connection, one) for one in (pair.document_id, pair.other_id)]
            texts = [record["text"] for record in both if record is not None]
            if len(texts) == len(both):
                yield asdict(pair) | {"text": texts[0], "other_text": texts[1]}
