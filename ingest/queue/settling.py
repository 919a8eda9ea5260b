"""Files that may still be written: they wait until nothing of them has changed for a while."""

from __future__ import annotations

from collections.abc import Callable

from ingest.queue.inbox import State


class Settling:
    """Holds files by their paths, those that changed last behind the others.  Times are seconds of one clock.

    A file that is written to is looked at once in each of these whiles, however often it changes.
    """

    def __init__(self, seconds: float, state_of: Callable[[str], State | None]) -> None:
        self._seconds, self._state_of = seconds, state_of
        self._waiting: dict[str, tuple[State, float]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def notice(self, path: str, state: State, now: float) -> None:
        """It is there, in this state; where that is the one it was in before, it has waited since then."""
        known = self._waiting.get(path)
        if known is None or known[0] != state:
            self._waiting.pop(path, None)
            self._waiting[path] = state, now

    def forget(self, path: str) -> None:
        self._waiting.pop(path, None)

    def settled(self, now: float) -> list[tuple[str, State]]:
        """Those that have settled; they are held no more, nor are those that are gone."""
        due: list[str] = []
        for path, (_, since) in self._waiting.items():
            if now - since < self._seconds:
                break
            due.append(path)
        found: list[tuple[str, State]] = []
        for path in due:
            before, _ = self._waiting.pop(path)
            state = self._state_of(path)
            if state == before:
                found.append((path, before))
            elif state is not None:
                self._waiting[path] = state, now
        return found
