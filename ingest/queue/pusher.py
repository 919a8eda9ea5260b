"""Putting dumps on the queue: first written down, then sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from ingest.errors import Unavailable, UnusableDump, UsageError
from ingest.model import Dump
from ingest.queue.broker import Broker, Send, dispatch, make_app
from ingest.readers.files import dumps_of, stand_in_id
from ingest.settings import Settings
from ingest.store import claims, ledger, payloads
from ingest.store.opening import opened
from ingest.store.transactions import writing
from ingest.telemetry.logs import logger

BATCH_BYTES = 32_000_000  # payloads held before they are written down, whatever their number

_log = logger(__name__)

Pushable = str | Path | bytes | Dump


@dataclass(slots=True)
class Pushed:
    """What became of the dumps that were pushed; one that came twice is counted once."""

    dump_ids: list[str] = field(default_factory=list)  # in their order
    queued: int = 0
    known: int = 0  # pushed before: on their way, done or dead
    dead: list[ledger.Dead] = field(default_factory=list)  # of these, now: could not be read, or too large


class Pusher:
    """Pushes onto an open store and a broker; for those that push often.

    `to_the_sweeper`: a broker that is away stops nothing, what is written down is left to the sweeper.
    """

    def __init__(
        self, engine: Engine, send: Send, settings: Settings, *, to_the_sweeper: bool = False
    ) -> None:
        self._engine, self._send, self._settings = engine, send, settings
        self._to_the_sweeper = to_the_sweeper

    def push(self, dumps: Iterable[Dump], watch: Callable[[int], None] = lambda finished: None) -> Pushed:
        """Write down and queue; dumps that the store knows get one more sighting and are queued no second time.

        Ledger row and payload are committed before the message is sent, a task's worth at a time.  Dumps
        without readable bytes are dead at once.  Raises Unavailable where the broker is gone: what was
        written down by then is sent by the sweeper, or by pushing the same again.
        """
        pushed, batch = Pushed(), list[Dump]()
        for dump in dumps:
            batch.append(dump)
            full = len(batch) == self._settings.queue.task_dumps
            if full or sum(d.size for d in batch if d.payload is not None) >= BATCH_BYTES:
                self._push(batch, pushed)
                watch(len(batch))
                batch = []
        self._push(batch, pushed)
        watch(len(batch))
        _log.info(
            "pushed",
            dumps=len(pushed.dump_ids),
            queued=pushed.queued,
            known=pushed.known,
            dead=len(pushed.dead),
        )
        return pushed

    def _push(self, batch: Sequence[Dump], pushed: Pushed) -> None:
        if not batch:
            return
        before = set(pushed.dump_ids)
        ids = [d for d in dict.fromkeys(dump.dump_id for dump in batch) if d not in before]
        # Ids under which files stand that could not be read before, and can be now.
        hollow = [stand_in_id(dump.name) for dump in batch if dump.payload is not None]
        payloads.lay_aside(self._engine, batch)
        with writing(self._engine) as connection:
            payloads.forget(connection, hollow)
            payloads.receive(connection, batch)
            todo = claims.waiting(connection, ids)
            faults = {dump.dump_id: dump.fault for dump in batch if dump.fault}
            for dump_id in payloads.without_bytes(connection, todo):
                fault = faults.get(dump_id, ("unreadable", "its bytes were not given"))
                ledger.bury(connection, dump_id, UnusableDump(*fault), None)
            todo = claims.waiting(connection, todo)
            dead = ledger.dead(connection, [dump_id for dump_id in ids if dump_id in faults])
        for dump_id in todo:
            _log.debug("dump received", dump_id=dump_id)
        for dump in dead:
            _log.info(
                "dump dead", dump_id=dump.dump_id, name=dump.name, reason=dump.reason, error=dump.message
            )
        pushed.dump_ids += ids
        pushed.dead += dead
        pushed.known += len(ids) - len(todo) - len(dead)
        if todo:
            pushed.queued += self._dispatch(todo)

    def _dispatch(self, dump_ids: Sequence[str]) -> int:
        try:
            return dispatch(self._engine, self._send, [dump_ids])
        except Unavailable as error:
            if not self._to_the_sweeper:
                raise
            _log.warning("dumps left to the sweeper", dumps=len(dump_ids), error=str(error))
            return 0


def push(
    what: Pushable | Iterable[Pushable],
    *,
    source: str | None = None,
    url: str | None = None,
    media_type: str | None = None,
    settings: Settings | None = None,
) -> Pushed:
    """Put dumps on the queue of the configured broker and store.

    `what`: a payload (bytes), an INPUT as on the command line (str or Path: a file, a folder, a pattern), a
    Dump, or several of these.  `url` and `media_type` belong to payloads given as bytes.  Raises UsageError
    for an INPUT that names nothing or where no broker is set, Unavailable where the broker or the store
    cannot be reached.
    """
    settings = settings or Settings()
    given = [what] if isinstance(what, (str, Path, bytes, Dump)) else list(what)
    if (url or media_type) and not all(isinstance(one, bytes) for one in given):
        raise UsageError("url and media_type belong to payloads given as bytes")
    with ExitStack() as stack:
        broker = stack.enter_context(Broker(make_app(settings)))
        broker.check()
        engine = stack.enter_context(opened(settings))
        dumps = _dumps_of(given, source, url, media_type, settings)
        return Pusher(engine, broker.send_clean, settings).push(dumps)


def _dumps_of(
    given: Sequence[Pushable], source: str | None, url: str | None, media_type: str | None, settings: Settings
) -> Iterator[Dump]:
    for one in given:
        if isinstance(one, Dump):
            yield one
        elif isinstance(one, bytes):
            yield _dump_of(one, source, url, media_type, settings.payload_bytes)
        else:
            yield from dumps_of(
                [str(one)],
                source=source,
                payload_bytes=settings.payload_bytes,
                containers=settings.containers,
            )


def _dump_of(
    payload: bytes, source: str | None, url: str | None, media_type: str | None, payload_bytes: int
) -> Dump:
    dump_id, size = hashlib.sha256(payload).hexdigest(), len(payload)
    name = url or dump_id[:16]
    if size > payload_bytes:
        fault = (
            "too-large",
            f"{size} bytes, and the limit is {payload_bytes}: split it, or raise payload_bytes",
        )
        return Dump(dump_id, None, name, source, url, media_type, size, fault)
    return Dump(dump_id, payload, name, source, url, media_type, size)
