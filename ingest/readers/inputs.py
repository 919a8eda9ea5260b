"""The dumps of many places as one stream that knows how long it will be, as far as that is known yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingest.model import Dump
from ingest.readers.files import Place, dumps_at
from ingest.settings import Settings


class Inputs:
    """The dumps at the places, one after another, each place opened when its turn comes.

    `total` begins as the number of places and follows what containers turn out to hold.
    """

    def __init__(self, places: Sequence[Place], settings: Settings) -> None:
        self.total = len(places)
        self._places, self._settings = places, settings

    def __iter__(self) -> Iterator[Dump]:
        for place in self._places:
            held = 0
            for dump in dumps_at(place, self._settings.payload_bytes, self._settings.containers):
                held += 1
                self.total += held > 1
                yield dump
            self.total -= not held
