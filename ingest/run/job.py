"""What is where between the reading of a run's dumps and the storing of their results."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from sqlalchemy import Engine

from ingest.model import Correction, Dump, Site
from ingest.readers.files import stand_in_id
from ingest.run.learning import Learned
from ingest.run.pool import Lost, Outcome, Pool
from ingest.run.results import write_results
from ingest.run.worker import Failure, Success
from ingest.settings import Settings
from ingest.store import corrections, ledger, payloads, sites
from ingest.store.transactions import reading, writing
from ingest.store.values import portions

STORED_AT_ONCE = 16  # dumps stored between two looks at the processes, which must not wait for long
WINDOW_BYTES = 128_000_000  # payloads held at once, of dumps not stored yet; beyond it reading waits


@dataclass(slots=True)
class Report:
    """How a run ended.  A dump is counted once, however often the input holds it."""

    dump_ids: list[str] = field(default_factory=list)  # in the order of the input
    repeated: int = 0  # dumps of the input that an earlier one of it equals
    known: int = 0  # done or dead before, nothing to do
    done: int = 0  # cleaned now
    learned: list[Learned] = field(default_factory=list)  # of sources with enough that is new
    dead: list[ledger.Dead] = field(default_factory=list)  # now or before
    interrupted: bool = False


class Job:
    """The dumps of one run on their way: received, in work, cleaned, stored in the order of the input."""

    def __init__(
        self, engine: Engine, settings: Settings, cleaner: str, version: str, watch: Callable[[int], None]
    ) -> None:
        self.report = Report()
        self._engine, self._settings, self._version, self._watch = engine, settings, version, watch
        self._pool = Pool(settings.workers, cleaner, settings.cleaning, settings.time_limit)
        self._seen: set[str] = set()
        self._attempts: dict[str, int] = {}
        self._order: deque[str] = deque()  # dumps not stored yet, as they stand in the input
        self._waiting: deque[Dump] = deque()  # received and counted, not in work
        self._suspects: deque[Dump] = deque()  # to be tried again
        self._working: dict[str, Dump] = {}
        self._alone = False  # whether the dump in work is a suspect
        self._heard: list[tuple[str, Outcome]] = []
        self._results: dict[str, Success | Failure] = {}
        self._sizes: dict[str, int] = {}
        self._sites: dict[str, Site] = {}  # what is known of their sources
        self._corrections: dict[str, tuple[Correction, ...]] = {}  # of dumps that are being received

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    @property
    def is_open(self) -> bool:
        return bool(self._order)

    @property
    def is_full(self) -> bool:
        room = max(2 * self._settings.batch, 4 * self._settings.workers)
        return len(self._order) >= room or sum(self._sizes.values()) >= WINDOW_BYTES

    def receive(self, batch: Sequence[Dump]) -> None:
        """Write a batch down, and line up what of it is to do."""
        once = {dump.dump_id: dump for dump in reversed(batch)}  # of equal dumps the first stays
        fresh = [d for d in batch if d.dump_id not in self._seen and once[d.dump_id] is d]
        self.report.repeated += len(batch) - len(fresh)
        ids = [dump.dump_id for dump in fresh]
        # Ids under which files stand that could not be read before, and can be now.
        hollow = [stand_in_id(dump.name) for dump in batch if dump.payload is not None]
        with reading(self._engine) as connection:
            changes = bool(payloads.missing(connection, batch)) or bool(ledger.standings(connection, hollow))
            standings = ledger.standings(connection, ids)
        if changes or not all(self._is_settled(standing) for standing in standings.values()):
            payloads.lay_aside(self._engine, batch)
            with writing(self._engine) as connection:
                payloads.forget(connection, hollow)
                payloads.receive(connection, batch)
                standings = ledger.standings(connection, ids)
                todo = [dump_id for dump_id in ids if not self._is_settled(standings[dump_id])]
                ledger.begin(connection, todo)
                first = payloads.first_sightings(connection, todo)
                sources = {d: sites.source_of(first[d][1], first[d][3]) for d in todo}
                known = sites.in_force(connection, sources.values())
                self._corrections |= corrections.in_force(connection, todo)
            self._sites |= {dump_id: known[source] for dump_id, source in sources.items()}
            self._line_up([dump for dump in fresh if dump.dump_id in first], standings, first)
        settled = len(fresh) - sum(dump_id in self._sizes for dump_id in ids)
        self._seen.update(ids)
        self.report.dump_ids += ids
        self.report.known += settled
        self._watch(settled + len(batch) - len(fresh))

    def turn(self, seconds: float, *, last: bool = False) -> None:
        """Let the processes go on: hand out dumps, take results for at most `seconds`, store what is ready."""
        self._pump(seconds)
        heard, self._heard = self._heard, []
        for dump_id, outcome in heard:
            self._settle(self._working.pop(dump_id), outcome)
        ready = self._ready()
        # A batch may be short: at the end, and where few dumps fill the window.
        nothing_else = len(ready) == len(self._order) and (last or self.is_full)
        if len(ready) >= self._settings.batch or (ready and nothing_else):
            self._store(ready[: self._settings.batch])

    def call_off(self) -> None:
        """Store what is finished up to the first gap; the rest goes back, to be done by another run."""
        self.report.interrupted = True
        self._pool.close()
        while ready := self._ready()[: self._settings.batch]:
            self._store(ready)
        with writing(self._engine) as connection:
            ledger.give_back(connection, list(self._order))

    def _is_settled(self, standing: ledger.Standing) -> bool:
        return standing.state == "dead" or (standing.state == "done" and standing.version == self._version)

    def _line_up(
        self,
        todo: Sequence[Dump],
        standings: dict[str, ledger.Standing],
        first: dict[str, payloads.Sighting],
    ) -> None:
        for dump in todo:
            dump_id = dump.dump_id
            _, source, name, url = first[dump_id]  # not this one: the result must not depend on who came last
            self._order.append(dump_id)
            self._sizes[dump_id] = dump.size if dump.payload is not None else 0
            self._attempts[dump_id] = standings[dump_id].attempts + 1
            if dump.payload is None:
                fault = dump.fault or ("unreadable", "its bytes are not kept: run again with the file itself")
                self._results[dump_id] = Failure(*fault)
            else:
                said = self._corrections.pop(dump_id, ())
                known_as = replace(dump, source=source or None, name=name, url=url or None)
                self._waiting.append(replace(known_as, corrections=said))

    def _pump(self, seconds: float) -> None:
        """Touches no store: it also runs in the midst of a transaction, so that no process waits for it."""
        self._pool.grow(len(self._waiting) + len(self._working) + len(self._suspects))
        if self._suspects and not self._working and self._takes(self._suspects[0]):
            self._hand_out(self._suspects.popleft())
            self._alone = True
        while self._waiting and not self._suspects and not self._alone and self._takes(self._waiting[0]):
            self._hand_out(self._waiting.popleft())
        if self._working or self._waiting or self._suspects:
            self._heard += self._pool.take(seconds)

    def _takes(self, dump: Dump) -> bool:
        return self._pool.takes(dump, self._sites[dump.dump_id])

    def _hand_out(self, dump: Dump) -> None:
        self._working[dump.dump_id] = dump
        self._pool.give(dump, self._sites[dump.dump_id])

    def _settle(self, dump: Dump, outcome: Outcome) -> None:
        self._alone = False
        if isinstance(outcome, Lost):
            if self._attempts[dump.dump_id] < self._settings.attempts:
                with writing(self._engine) as connection:
                    ledger.begin(connection, [dump.dump_id])
                self._attempts[dump.dump_id] += 1
                self._suspects.append(dump)
                return
            outcome = Failure(outcome.reason, outcome.message)
        self._results[dump.dump_id] = outcome

    def _ready(self) -> list[str]:
        ready: list[str] = []
        for dump_id in self._order:
            if dump_id not in self._results:
                break
            ready.append(dump_id)
        return ready

    def _store(self, ready: Sequence[str]) -> None:
        with writing(self._engine) as connection:
            for some in portions(ready, STORED_AT_ONCE):
                results = {dump_id: self._results[dump_id] for dump_id in some}
                write_results(connection, results, self._settings, version=self._version)
                self._pump(0)
        for dump_id in ready:
            self._order.popleft()
            self.report.done += isinstance(self._results.pop(dump_id), Success)
            del self._sizes[dump_id], self._attempts[dump_id], self._sites[dump_id]
        self._watch(len(ready))
