"""The posting lists in Redis or Valkey: looked up and claimed by one script, in one round trip a batch.

The store decides: a document counts as a candidate when its sketch is in the store, and a batch is judged in its
turn there.  So what a killed worker claimed and never stored links nothing; its dump comes again and finds its own
claims, and what is met of a dump that does not come again, or is dead, is given back.  What a transaction takes out
leaves the lists after its commit: where that fails, the store holds what it held, and the lists do.
Lists are packed into small hashes, 2**16 of them, by the lower half of a shingle.  Where the server lost them
(a flush, a new server), they are made anew from the store before anything is judged.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Connection, select

from ingest.errors import Unavailable
from ingest.index.sketch import ALGORITHM
from ingest.settings import NearCopies
from ingest.store.inserts import insert_new
from ingest.store.postings import FULL, NONE, Postings, document_of, joined, keys_of, postings_of, without
from ingest.store.rareshingles import indexed
from ingest.store.schema import counters
from ingest.store.transactions import afterwards

if TYPE_CHECKING:
    from numpy.typing import NDArray

# KEYS: this epoch's prefix and the earlier one's; of these lists that are whole, a mark.
# ARGV: entries of 12 bytes (bucket, field, document; no document: it is only looked up), bytes of a full list,
# seconds to keep.  -> how many documents held each entry's list before (a byte each), and all of them; nothing
# where the mark is gone.
_CLAIM = """
if KEYS[3] and redis.call('EXISTS', KEYS[3]) == 0 then return false end
local entries, full, keep = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local numbers, documents, none = {}, {}, string.rep('\\0', 8)
for at = 1, #entries, 12 do
  local bucket, field = entries:sub(at, at + 1), entries:sub(at + 2, at + 3)
  local list, document, own = KEYS[1] .. bucket, entries:sub(at + 4, at + 11), ''
  -- Most shingles are new: one call for these.
  if document == none or redis.call('HSETNX', list, field, document) == 0 then
    own = redis.call('HGET', list, field) or ''
    if document ~= none and #own < full and not own:find(document, 1, true) then
      redis.call('HSET', list, field, own .. document)
    end
  end
  local old = ''
  if keep > 0 then
    redis.call('EXPIRE', list, keep)
    old = redis.call('HGET', KEYS[2] .. bucket, field) or ''
  end
  numbers[#numbers + 1] = string.char((#own + #old) / 8)
  documents[#documents + 1] = own .. old
end
return {table.concat(numbers), table.concat(documents)}
"""
# KEYS: a prefix.  ARGV: entries as above.
_TAKE_OUT = """
for at = 1, #ARGV[1], 12 do
  local bucket, field = KEYS[1] .. ARGV[1]:sub(at, at + 1), ARGV[1]:sub(at + 2, at + 3)
  local held, left = redis.call('HGET', bucket, field) or '', {}
  for n = 1, #held, 8 do
    if held:sub(n, n + 7) ~= ARGV[1]:sub(at + 4, at + 11) then left[#left + 1] = held:sub(n, n + 7) end
  end
  if #left > 0 then redis.call('HSET', bucket, field, table.concat(left))
  elseif held ~= '' then redis.call('HDEL', bucket, field) end
end
"""
_ENTRY = np.dtype([("bucket", ">u2"), ("field", ">u2"), ("document", "<u8")])
_ENTRIES = 30_000  # in one call: the server does nothing else meanwhile


class RedisLists:
    """`PostingLists` of the store behind `connection`, in a server.  Raises Unavailable where it is away.

    `settings.remember_days`: documents are forgotten after so many days, twice as many at most; 0: never.
    """

    def __init__(self, client: Redis, connection: Connection, settings: NearCopies) -> None:
        self._client: Any = client
        self._connection, self._settings = connection, settings
        self._claim = self._client.register_script(_CLAIM)
        self._take_out = self._client.register_script(_TAKE_OUT)
        self._keep = 2 * 86_400 * settings.remember_days
        epoch = int(time.time() // (86_400 * settings.remember_days)) if self._keep else 0
        name = f"ingest:near:{_name_of(connection):x}"
        self._prefixes = [f"{name}:{epoch}:", f"{name}:{epoch - 1}:"]
        self._mark = f"{name}:whole"
        self._gone = NONE  # taken out by this transaction, and in the lists until it is committed

    def read(self, keys: NDArray[np.uint32]) -> Postings:
        wanted = np.unique(keys)
        return without(self._asked(wanted, np.zeros(wanted.size, np.uint64)), self._gone)

    def claim(self, keys: NDArray[np.uint32], new: Postings) -> Postings:
        looked_up = np.setdiff1d(keys, new.keys)
        none = np.zeros(looked_up.size, np.uint64)
        self._gone = without(self._gone, new)
        held = self._asked(np.concatenate((looked_up, new.keys)), np.concatenate((none, new.documents)))
        return joined(without(held, self._gone), new)[0]

    def take_out(self, gone: Postings) -> None:
        if not self._gone.keys.size:
            afterwards(self._connection, self._let_go)
        keys = np.concatenate((self._gone.keys, gone.keys))
        self._gone = postings_of(keys, np.concatenate((self._gone.documents, gone.documents)))

    def give_back(self, claimed: Postings) -> None:
        with _reached():
            for prefix in self._prefixes:
                self._take_out([prefix], [_entries(claimed.keys, claimed.documents)])

    def _let_go(self) -> None:
        gone, self._gone = self._gone, NONE
        with suppress(Unavailable):  # committed is committed, and what stays in the lists links nothing
            self.give_back(gone)

    def rebuild(self) -> int:
        """Make all lists anew from the store.  -> documents in them."""
        number = 0
        with _reached():
            for prefix in self._prefixes:
                for names in _names(prefix):
                    self._client.unlink(*names)
            rows = self._connection.execute(indexed(ALGORITHM, self._settings.minimum_shingles))
            for some in rows.partitions(500):
                keys = [keys_of(row.shingles) for row in some]
                named = np.array([document_of(row.position, row.size) for row in some], np.uint64)
                documents = np.repeat(named, [len(k) for k in keys])
                entries = _entries(np.concatenate(keys), documents)
                self._claim(self._prefixes, [entries, 8 * FULL, self._keep])
                number += len(some)
            self._client.set(self._mark, 1)
        return number

    def _asked(self, keys: NDArray[np.uint32], documents: NDArray[np.uint64]) -> Postings:
        """What the lists held before these documents came into them; document 0: none comes."""
        held_keys, held = [np.empty(0, np.uint32)], [np.empty(0, np.uint64)]
        where = [*self._prefixes, self._mark]
        for start in range(0, keys.size, _ENTRIES):
            some = keys[start : start + _ENTRIES]
            entries = _entries(some, documents[start : start + _ENTRIES])
            with _reached():
                answer = self._claim(where, [entries, 8 * FULL, self._keep])
            if answer is None:
                self.rebuild()
                return self._asked(keys, documents)
            held_keys.append(np.repeat(some, np.frombuffer(answer[0], np.uint8)))
            held.append(np.frombuffer(answer[1], "<u8"))
        return postings_of(np.concatenate(held_keys), np.concatenate(held))


def _entries(keys: NDArray[np.uint32], documents: NDArray[np.uint64]) -> bytes:
    """As the scripts read them."""
    entries = np.empty(keys.size, _ENTRY)
    entries["bucket"], entries["field"] = keys & np.uint32(0xFFFF), keys >> np.uint32(16)
    entries["document"] = documents
    return entries.tobytes()


def _names(prefix: str) -> Iterator[list[bytes]]:
    """Of all hashes, some thousand at once."""
    for high in range(0, 256, 16):
        yield [prefix.encode() + n.to_bytes(2, "big") for n in range(high << 8, (high + 16) << 8)]


def _name_of(connection: Connection) -> int:
    """A number of this store's own: stores that share a server do not share their lists."""
    asked = select(counters.c.value).where(counters.c.name == "near-copies")
    name = connection.scalar(asked)
    if name is None:
        insert_new(connection, counters, {"name": "near-copies", "value": secrets.randbits(62)})
        name = connection.scalar(asked)
    return int(name or 0)


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise Unavailable(f"the near-copy index cannot be reached: {error}") from error
