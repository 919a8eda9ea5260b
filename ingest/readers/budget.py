"""How far one container may expand: the guard against bombs, shared by everything opened inside it."""

from __future__ import annotations

from ingest.errors import UnusableDump

FLOOR = 100_000_000  # bytes that any container may give, however small it is


class Exhausted(UnusableDump):
    """The whole container has given more than it may: nothing more of it is read."""


class Budget:
    """Counts unpacked bytes against the packed ones, whatever depth they come from."""

    def __init__(self, ratio: float, packed: int = 0) -> None:
        self.ratio = ratio
        self.packed = packed  # of a file its size, of a stream what has come of it
        self._unpacked = 0

    def spend(self, unpacked: int) -> None:
        """Raises Exhausted."""
        self._unpacked += unpacked
        if self._unpacked > max(FLOOR, self.ratio * self.packed):
            raise Exhausted(
                "too-large",
                f"{self.packed} bytes that unpack to more than {self._unpacked}, beyond {self.ratio:g} to one: "
                "a bomb, or raise containers.ratio; what comes after is not read",
            )
