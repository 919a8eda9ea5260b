"""Watched folders: what appears in them is pushed, until the watch is told to stop.

What the system tells of changes is taken as a hint alone.  A file is pushed for what it is when it has settled,
and all is looked through at the start, when a folder comes back, and now and then.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, suppress

import watchfiles
from watchfiles import Change

from ingest.errors import Unavailable
from ingest.queue.filepusher import FilePusher, Stopped
from ingest.queue.inbox import Inbox, state_of
from ingest.queue.pusher import Pushed
from ingest.queue.settling import Settling
from ingest.settings import Settings
from ingest.stopping import Stopping
from ingest.store.values import portions
from ingest.telemetry.logs import logger

_PAUSE = 1.0  # seconds between two looks at what may be better by then
_LONGEST_TICK, _SHORTEST_TICK = 0.5, 0.02  # seconds between two looks at what has settled

_log = logger(__name__)

Present = Mapping[Inbox, tuple[int, int]]  # the folders that are there, each with its identity


class NotTold(Exception):
    """The system does not tell of changes any more."""


class Watch:
    """Pushes what is in the folders and what comes, in the order in which it settles.  `report` hears of it."""

    def __init__(
        self,
        inboxes: Sequence[Inbox],
        pusher: FilePusher,
        settings: Settings,
        stopping: Stopping,
        *,
        poll: bool = False,
        report: Callable[[Pushed], None] = lambda pushed: None,
    ) -> None:
        self._inboxes, self._pusher, self._settings = inboxes, pusher, settings
        self._stopping, self._poll, self._report = stopping, poll, report
        self._is_told = False
        self._settling = Settling(settings.watch.settled_after, state_of)
        self._tick = min(_LONGEST_TICK, max(_SHORTEST_TICK, settings.watch.settled_after / 4))

    def run(self) -> None:
        """Until told to stop.  Raises Unavailable where the system cannot tell of changes at all."""
        before: Present | None = None
        with suppress(Stopped):
            known = sum(self._pusher.recall(inbox.root) for inbox in self._inboxes)
            _log.info("starting", folders=[inbox.name for inbox in self._inboxes], pushed_before=known)
            while not self._stopping.is_set():
                present = self._present()
                self._tell(before, present)
                try:
                    self._follow(present)
                except NotTold as error:  # also for a name that is no text: the look at all finds that file
                    if not self._is_told:
                        raise Unavailable(
                            f"changes in the folders are not told: {error}; allow more watches "
                            "(fs.inotify.max_user_watches), or give --poll"
                        ) from error
                    _log.warning("changes were not told: looking through all", error=str(error))
                    self._stopping.wait(_PAUSE)
                before = present

    def _follow(self, present: Present) -> None:
        """Until these are no longer the folders that are there.  Raises NotTold, Stopped."""
        if not present:
            self._stopping.wait(_PAUSE)
            return
        scanned: float | None = None
        # A poll is a look at all, of our own: the library's tells changes by whole seconds.
        every = self._settings.watch.settled_after if self._poll else self._settings.watch.rescan_every
        with closing(self._changes(present)) as changes:
            for some in changes:
                self._is_told = True
                # The first time, the system tells already: no file slips through between the look and the telling.
                if scanned is None or time.monotonic() - scanned > every:
                    self._scan(present)
                    scanned = time.monotonic()
                for change, path in some:
                    self._hear(present, change, path)
                self._push_settled()
                if self._present() != present:
                    return

    def _changes(self, present: Present) -> Generator[set[tuple[Change, str]]]:
        if self._poll:
            while not self._stopping.wait(self._tick):
                yield set()
            return
        tick = int(self._tick * 1000)
        try:
            yield from watchfiles.watch(
                *(inbox.root for inbox in present),
                watch_filter=None,
                debounce=tick,
                step=min(tick, 50),
                stop_event=self._stopping,
                rust_timeout=tick,
                yield_on_timeout=True,
                ignore_permission_denied=True,
            )
        except (OSError, RuntimeError) as error:
            raise NotTold(str(error)) from error

    def _present(self) -> Present:
        found = ((inbox, inbox.identity()) for inbox in self._inboxes)
        return {inbox: identity for inbox, identity in found if identity}

    def _tell(self, before: Present | None, present: Present) -> None:
        if before is None:
            return
        for inbox in self._inboxes:
            if inbox in before and inbox not in present:
                _log.warning("folder gone", folder=inbox.name)
            elif inbox in present and present[inbox] != before.get(inbox):
                _log.info("folder back", folder=inbox.name)

    def _scan(self, present: Present) -> None:
        """Look at every file, and forget those that are no more."""
        found: set[str] = set()
        for inbox in present:
            for path in inbox.files():
                if self._stopping.is_set():
                    raise Stopped
                found.add(path)
                self._notice(path)
        self._pusher.forget(lambda path: path not in found and any(inbox.holds(path) for inbox in present))
        say = _log.debug if self._poll else _log.info  # every few seconds
        say("looked through", files=len(found), settling=len(self._settling))

    def _hear(self, present: Present, change: Change, path: str) -> None:
        for inbox in present:
            if here := inbox.ours(path):
                if not os.path.isdir(here):
                    self._notice(here)
                elif (
                    change == Change.added
                ):  # what came with it, or before anybody listened there, is not told
                    for file in inbox.files(here):
                        self._notice(file)
                return

    def _notice(self, path: str) -> None:
        state = state_of(path)
        if state is not None and not self._pusher.is_taken(path, state):
            self._settling.notice(path, state, time.monotonic())

    def _push_settled(self) -> None:
        settled = self._settling.settled(time.monotonic())
        files = [(self._owner(path), path, state) for path, state in settled]
        for some in portions(files, self._settings.queue.task_dumps):
            pushed, changed = self._pusher.push(some)
            for path in changed:
                self._notice(path)
            if pushed.dump_ids:
                self._report(pushed)

    def _owner(self, path: str) -> Inbox:
        return next(inbox for inbox in self._inboxes if inbox.holds(path))
