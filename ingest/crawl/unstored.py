"""Pages that came and are not stored yet: the next is asked for when there are none.

So who is killed has fetched a page of each host in vain at most, however slow the store is.
"""

from __future__ import annotations

import asyncio


class Unstored:
    """Of one spider."""

    def __init__(self) -> None:
        self._urls: set[str] = set()
        self._none = asyncio.Event()
        self._none.set()

    def came(self, url: str) -> None:
        self._urls.add(url)
        self._none.clear()

    def gone(self, url: str) -> None:
        """Stored, or given up."""
        self._urls.discard(url)
        if not self._urls:
            self._none.set()

    async def wait(self) -> None:
        """Until there are none."""
        await self._none.wait()
