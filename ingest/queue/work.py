"""What a worker does with the dumps that a message names."""

from __future__ import annotations

import time
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial

from sqlalchemy import Engine

from ingest.errors import Unavailable, UnusableDump
from ingest.model import Dump, Site
from ingest.queue.account import Account
from ingest.queue.bench import Bench, CalledOff
from ingest.queue.broker import Send, dispatch
from ingest.queue.patience import patiently
from ingest.run.pool import Lost, Outcome
from ingest.run.results import write_results
from ingest.run.worker import Failure, Success
from ingest.settings import Settings
from ingest.store import claims, ledger, sites
from ingest.store.payloads import dumps_in
from ingest.store.transactions import reading, writing
from ingest.telemetry.counts import LOAD, STORE
from ingest.telemetry.logs import logger

STORE_BYTES = 32_000_000  # payloads of dumps cleaned and not stored; beyond it they are stored at once
_LOADED_BYTES = 8_000_000  # payload bytes read at once; a larger dump is read alone

_log = logger(__name__)

Result = Success | Failure


class Task:
    """One delivery of a message.

    `holder` names the message, and is the same when it is delivered again.  A dump with attempts behind it
    is not tried in company, where it would take the others down once more: it gets a message of its own.
    """

    def __init__(
        self, engine: Engine, bench: Bench, send: Send, settings: Settings, *, holder: str, version: str
    ) -> None:
        self._engine, self._bench, self._send = engine, bench, send
        self._settings, self._holder, self._version = settings, holder, version
        self._until = time.monotonic() + settings.queue.task_seconds
        self._attempts: dict[str, int] = {}  # of the dumps in hand: claimed, and not stored
        self._sizes: dict[str, int] = {}  # bytes of their payloads
        self._lost: set[str] = set()  # of these, those whose last attempt ended their process
        self._working: dict[str, Dump] = {}  # given to the bench
        self._again: deque[Dump] = deque()  # to be tried again
        self._results: dict[str, Result] = {}
        self._sites: dict[
            str | None, Site
        ] = {}  # what is known of the sources, the same for all of this task
        self._size = 0  # payload bytes of the dumps that have results
        self._account = Account()

    def run(self, dump_ids: Sequence[str]) -> int:
        """Clean and store those of the dumps that wait; others are spared.  -> dumps that are done or dead now.

        What does not fit into this task's time, or is left because the worker is to stop, goes back to the
        queue.  Raises Unavailable when something that every dump needs is missing.
        """
        suspects = patiently(lambda: self._claim(dump_ids))
        number = len(self._attempts)
        try:
            with suppress(CalledOff):  # what is finished is stored, the rest goes back
                self._clean()
            self._store()
        except Exception as error:
            self._drop(error)
            raise
        self._hand_back(suspects)
        self._account.closed(len(dump_ids))
        return number - len(self._attempts)

    def _claim(self, dump_ids: Sequence[str]) -> list[str]:
        """Claim what may be tried here.  -> dumps that are to be tried alone."""
        condemned: dict[str, Result] = {}
        # An attempt that a power cut makes uncounted costs nothing but itself.
        with writing(self._engine, lasting=False) as connection:
            found = claims.open_to(connection, dump_ids, self._holder)
            if len(found) == 1 and found[0].attempts >= self._settings.attempts:
                [dump] = found
                message = f"its worker ended {dump.attempts} times while at it, the last time with nothing beside it"
                fault = UnusableDump("failed" if dump.traceback else "crashed", message)
                ledger.bury(connection, dump.dump_id, fault, self._version, dump.traceback)
                found, condemned = [], {dump.dump_id: Failure(fault.reason, message)}
            suspects = [dump.dump_id for dump in found if dump.attempts and len(found) > 1]
            claims.release(connection, suspects, self._holder, forgive=False)
            todo = {dump.dump_id: dump.attempts + 1 for dump in found if dump.dump_id not in suspects}
            claims.claim(connection, list(todo), self._holder)
        self._attempts, self._sizes = todo, {dump.dump_id: dump.size for dump in found}
        self._account.finished(condemned)
        self._account.claimed(todo)
        return suspects

    def _clean(self) -> None:
        """Have the dumps in hand cleaned until the task's time is over; what is begun by then has its own time to end."""
        fresh, dump = self._dumps(), None
        try:
            while True:
                if self._is_over():
                    dump = None
                elif dump is None:
                    dump = self._again.popleft() if self._again else next(fresh, None)
                if dump is not None and self._give(dump):
                    dump = None
                elif self._is_over(-self._settings.time_limit) or not (dump or self._working):
                    return  # what is still in hand was given ahead, and begun after the task's time
                else:
                    for dump_id, outcome in self._bench.take():
                        self._settle(self._working.pop(dump_id), outcome)
        finally:
            self._bench.drop()

    def _is_over(self, ahead: float = 0.0) -> bool:
        return time.monotonic() + ahead > self._until

    def _give(self, dump: Dump) -> bool:
        """Whether it could be given now.  None is given ahead that could not be begun within the task's time, were there
        but one before it.
        """
        if dump.payload is None:
            self._keep(dump, Failure("unreadable", "its bytes are not kept: push it again"))
            return True
        site = self._sites[sites.source_of(dump.source, dump.url)]
        if (self._working and self._is_over(self._settings.time_limit)) or not self._bench.takes(dump, site):
            return False
        self._bench.give(dump, site)
        self._working[dump.dump_id] = dump
        return True

    def _dumps(self) -> Iterator[Dump]:
        for some in self._loads():
            for dump in patiently(partial(self._load, some)):
                self._account.loaded(dump)
                yield dump

    def _loads(self) -> list[list[str]]:
        """The dumps in hand, as many at once as may be read together."""
        loads, size = [list[str]()], 0
        for dump_id in self._attempts:
            if size and size + self._sizes[dump_id] > _LOADED_BYTES:
                loads.append([])
                size = 0
            loads[-1].append(dump_id)
            size += self._sizes[dump_id]
        return loads

    def _load(self, dump_ids: Sequence[str]) -> list[Dump]:
        with LOAD.time(), reading(self._engine) as connection:
            dumps = dumps_in(connection, dump_ids)
            new = {sites.source_of(dump.source, dump.url) for dump in dumps} - self._sites.keys()
            self._sites |= sites.in_force(connection, new)
            return dumps

    def _settle(self, dump: Dump, outcome: Outcome) -> None:
        if not isinstance(outcome, Lost):
            self._keep(dump, outcome)
            return
        self._account.lost(dump.dump_id, outcome, self._attempts[dump.dump_id])
        if self._attempts[dump.dump_id] >= self._settings.attempts:
            self._keep(dump, Failure(outcome.reason, outcome.message))
            return
        self._lost.add(dump.dump_id)
        if self._is_over():
            return
        patiently(partial(self._count_attempt, dump.dump_id))
        self._attempts[dump.dump_id] += 1
        self._lost.remove(dump.dump_id)
        self._account.tried_again(dump.dump_id, self._attempts[dump.dump_id])
        self._again.append(dump)

    def _keep(self, dump: Dump, result: Result) -> None:
        self._results[dump.dump_id] = result
        self._size += dump.size
        if self._size >= STORE_BYTES:
            self._store()

    def _count_attempt(self, dump_id: str) -> None:
        with writing(self._engine) as connection:
            claims.claim(connection, [dump_id], self._holder)

    def _store(self) -> None:
        """Store the results in one transaction; where that fails, each in its own, to find the one at fault."""
        results, self._results, self._size = self._results, {}, 0
        try:
            patiently(lambda: self._write(results))
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001  (whatever the database layer says of one dump's data)
            _log.exception("a batch of results cannot be stored: trying each alone", dumps=len(results))
            for dump_id, result in results.items():
                self._write_alone(dump_id, result)
        for dump_id in results:
            del self._attempts[dump_id]

    def _write_alone(self, dump_id: str, result: Result) -> None:
        try:
            patiently(lambda: self._write({dump_id: result}))
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001
            message = f"its result cannot be stored: {type(error).__name__}: {error}"
            self._write({dump_id: Failure("failed", message, traceback.format_exc())})

    def _write(self, results: dict[str, Result]) -> None:
        if not results:
            return
        with STORE.time(), writing(self._engine) as connection:
            write_results(connection, results, self._settings, version=self._version)
        self._account.finished(results)

    def _hand_back(self, suspects: Sequence[str]) -> None:
        """Send what is left again: dumps that have attempts behind them alone, the others together."""
        lost = [dump_id for dump_id in self._attempts if dump_id in self._lost]
        forgiven = [dump_id for dump_id in self._attempts if dump_id not in self._lost]
        alone = [*suspects, *lost, *(dump_id for dump_id in forgiven if self._attempts[dump_id] > 1)]
        together = [dump_id for dump_id in forgiven if self._attempts[dump_id] == 1]
        if self._attempts:
            patiently(lambda: self._let_go(lost, forgiven))
        self._account.handed_back(together, alone)
        groups = [*([together] if together else []), *([dump_id] for dump_id in alone)]
        try:
            dispatch(self._engine, self._send, groups)
        except Unavailable as error:
            dumps = len(together) + len(alone)
            _log.warning("dumps left to the sweeper", dumps=dumps, error=str(error))

    def _let_go(self, lost: Sequence[str], forgiven: Sequence[str]) -> None:
        with writing(self._engine) as connection:
            claims.release(connection, lost, self._holder, forgive=False)
            claims.release(connection, forgiven, self._holder, forgive=True)

    def _drop(self, error: Exception) -> None:
        """Let go of everything in hand after an accident; the sweeper sends it again, after a while."""
        innocent = isinstance(error, Unavailable)
        trace = None if innocent else traceback.format_exc()
        with suppress(Unavailable), writing(self._engine) as connection:
            claims.release(connection, list(self._attempts), self._holder, forgive=innocent, traceback=trace)
        self._account.dropped(self._attempts, error)
