"""The changes on a Redis stream, for consumer groups: an entry for each, with ids and no documents.

The id of an entry is its number in the feed (`17-0`), so the stream itself knows how far it is, and cannot have an entry
twice.  A page goes on it whole, if it is still where the page was read for: of two who publish at once one does, and
a stream that was flushed in between begins anew.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Engine

from ingest.settings import Outbox
from ingest.store import cursors, feed
from ingest.store.marks import Mark, marks_after
from ingest.store.transactions import reading
from ingest.telemetry.logs import logger

_PAGE = 500  # entries that one script adds, while the broker does nothing else
_SECONDS = 20.0  # after which the next turn goes on

# KEYS: the stream.  ARGV: the number that it is expected to stand at, entries that it keeps at least, and of each
# entry number, change, document_id, dump_id, revision, cursor.  -> the number that it stands at.
_ADD = """
local function last()
    local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
    if info.err then return '0' end
    for n = 1, #info, 2 do
        if info[n] == 'last-generated-id' then return string.match(info[n + 1], '^%d+') end
    end
end
if last() ~= ARGV[1] then return last() end
for n = 3, #ARGV, 6 do
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], ARGV[n] .. '-0', 'change', ARGV[n + 1],
        'document_id', ARGV[n + 2], 'dump_id', ARGV[n + 3], 'revision', ARGV[n + 4], 'cursor', ARGV[n + 5])
end
return last()
"""

_log = logger(__name__)


class Streams(Protocol):
    """Where streams are; `ingest.queue.broker.Broker` is one."""

    def client(self) -> AbstractContextManager[Any]:
        """A client of redis-py.  Its errors come out as Unavailable."""


def publish(engine: Engine, broker: Streams, settings: Outbox) -> int:
    """Bring the stream to where the store is.  -> entries added.  Raises Unavailable.

    Where it has lost more than it keeps, it goes on with the newest: consumers see it by a gap of `stream_length`
    numbers, and read the feed.
    """
    added, until = 0, time.monotonic() + _SECONDS
    with broker.client() as client:
        add = client.register_script(_ADD)

        def stand(at: int, marks: Sequence[Mark]) -> int:
            entries = [field for mark in marks for field in _fields(mark)]
            return int(add([settings.stream], [at, settings.stream_length, *entries]))

        at = stand(-1, ())
        while time.monotonic() < until:
            with reading(engine) as connection:
                newest = feed.newest(connection)
                marks = marks_after(connection, max(at, newest - settings.stream_length), _PAGE)
            if at > newest:
                _log.error("the stream is ahead of the store: delete it", stream=settings.stream, at=at)
            if not marks:
                break
            stands = stand(at, marks)
            added += len(marks) if stands == marks[-1].seq else 0
            at = stands
    return added


def _fields(mark: Mark) -> tuple[str | int, ...]:
    revision = "" if mark.revision is None else mark.revision
    return mark.seq, mark.change, mark.document_id, mark.dump_id, revision, cursors.written(mark.seq)
