"""Taking in what one request brought: written down whole or not at all, and once for each key."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from ingest.errors import Unavailable, UsageError
from ingest.model import Dump, State
from ingest.queue.broker import Send
from ingest.readers.container import shown
from ingest.settings import Settings
from ingest.store import claims, intake, ledger, payloads, requests
from ingest.store.transactions import writing

# Characters of a file's name that are kept: with the longest source and url, a sighting still fits into an index
# row of any database.
_LONGEST_NAME = 200

_log = logging.getLogger(__name__)


class KeyReused(UsageError):
    """An Idempotency-Key that came with another request before."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a request's dumps."""

    dumps: tuple[tuple[str, State], ...]  # one for each that was brought, in their order
    replayed: bool = False  # the key stood for this request already: nothing was done


def dump_of(
    payload: bytes, *, name: str | None, source: str | None, url: str | None, media_type: str | None
) -> Dump:
    """A payload as it came.  `name` may be anything that a client takes for a file's name."""
    dump_id = hashlib.sha256(payload).hexdigest()
    known_as = shown(name, _LONGEST_NAME) if name else url or dump_id[:16]
    return Dump(dump_id, payload, known_as, source, url, media_type, len(payload))


def accept(
    engine: Engine, send: Send, settings: Settings, dumps: Sequence[Dump], key: str | None = None
) -> Accepted:
    """Write the dumps down and queue those that are new.

    The row says `queued` in the transaction that writes it, so that of many requests with the same bytes one
    sends them.  Where the broker is away they are `received` again, and the sweeper sends them: for the caller
    that is no failure.  `key`: as `requests.key_of` makes it.  Raises Unavailable where the store is away,
    KeyReused.
    """
    dump_ids = [dump.dump_id for dump in dumps]
    payloads.lay_aside(engine, dumps)
    with writing(engine) as connection:
        is_replay = key is not None and _is_replay(connection, key, dumps)
        todo = list[str]()
        if not is_replay:
            payloads.receive(connection, dumps)
            todo = intake.take_waiting(connection, dump_ids)
        standings = ledger.standings(connection, dump_ids)
    unsent = _send(engine, send, todo, settings.queue.task_dumps)
    states: list[State] = ["received" if d in unsent else standings[d].state for d in dump_ids]
    return Accepted(tuple(zip(dump_ids, states, strict=True)), is_replay)


def _is_replay(connection: Connection, key: str, dumps: Sequence[Dump]) -> bool:
    asked = [[dump.dump_id, dump.name, dump.source, dump.url, dump.media_type] for dump in dumps]
    fingerprint = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
    first = requests.claim(connection, key, fingerprint, [dump.dump_id for dump in dumps])
    if first not in (None, fingerprint):
        raise KeyReused("this Idempotency-Key came with another request before: make a new one")
    return first is not None


def _send(engine: Engine, send: Send, dump_ids: Sequence[str], together: int) -> set[str]:
    """-> the dumps that could not be sent."""
    for begin in range(0, len(dump_ids), together):
        try:
            send(dump_ids[begin : begin + together])
        except Unavailable as error:
            unsent = dump_ids[begin:]
            _log.warning("%s: the sweeper will send %d dumps", error, len(unsent))
            # Else they are queued without a message, and the sweeper finds them all the same, somewhat later.
            with suppress(Unavailable), writing(engine) as connection:
                claims.release(connection, unsent, holder="", forgive=False)
            return set(unsent)
    return set()
