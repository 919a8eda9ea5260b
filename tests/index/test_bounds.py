"""What a look-up costs stays bounded, whatever the texts: a document asks for so many lists, and so much of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis

from ingest.index.candidates import MAX_CANDIDATES, asked_of, candidates
from ingest.index.protocol import PostingLists
from ingest.index.redislists import RedisLists
from ingest.index.sketch import Sketch
from ingest.settings import NearCopies
from ingest.store.opening import open_engine
from ingest.store.postings import FULL, KEYS, LONG, keys_of
from ingest.store.rareshingles import StoredLists
from ingest.store.transactions import writing
from tests.workers.service import Server

SETTINGS = NearCopies()
OpenLists = Callable[[], AbstractContextManager[PostingLists]]


@contextmanager
def stored_lists() -> Iterator[PostingLists]:
    engine = open_engine("sqlite://")
    with writing(engine) as connection:
        yield StoredLists(connection)
    engine.dispose()


@pytest.fixture(scope="module", params=["store", "broker"])
def open_lists(request: pytest.FixtureRequest) -> Iterator[OpenLists]:
    if request.param == "store":
        yield stored_lists
        return

    @contextmanager
    def lists_in_redis() -> Iterator[PostingLists]:
        engine = open_engine("sqlite://")
        with Redis(unix_socket_path=server.url.removeprefix("redis+socket://")) as client:
            with writing(engine) as connection:
                yield RedisLists(client, connection, SETTINGS)
            client.flushall()
        engine.dispose()

    with TemporaryDirectory(prefix="ingest-") as folder:
        server = Server(Path(folder))
        yield lists_in_redis
        server.kill()


def sketch(kind: tuple[int, int, int]) -> Sketch:
    """Of a text of some family: it has so many of its first shingles, and so many of its own."""
    family, common, own = kind
    shared = np.random.default_rng(family).integers(0, 1 << 32, common, np.uint32)
    mine = np.random.default_rng([7, *kind]).integers(0, 1 << 32, own, np.uint32)
    return Sketch("x", np.unique(np.concatenate((shared, mine))).astype("<u4").tobytes(), b"")


# Few families of many alike, short and long: everybody is everybody's candidate.
KINDS = st.tuples(st.integers(0, 1), st.sampled_from([0, 40, 400, 4000]), st.integers(0, 60))


@settings(max_examples=25, deadline=None)
@given(st.lists(KINDS, max_size=120), st.integers(1, 40), st.randoms(use_true_random=False))
def test_no_document_asks_for_more_than_the_caps(
    open_lists: OpenLists, kinds: list[tuple[int, int, int]], at_once: int, random: Random
) -> None:
    documents = [(n << 16, sketch(kind)) for n, kind in enumerate(kinds, 1)]
    random.shuffle(documents)  # who is received first is not always cleaned first
    with open_lists() as lists:
        for begin in range(0, len(documents), at_once):
            batch = documents[begin : begin + at_once]
            asked = asked_of(batch)
            keys = {place: keys_of(one.shingles) for place, one in batch}
            for place, one in batch:
                assert keys[place].size <= max(KEYS, one.size // LONG)
            assert asked.keys.size == sum(found.size for found in keys.values())
            found = lists.claim(asked.keys, asked.postings)
            lengths = Counter(found.keys.tolist())
            assert max(lengths.values(), default=0) <= FULL
            assert lengths.keys() <= set(asked.keys.tolist())
            pairs = candidates(asked, found, SETTINGS.similarity)
            assert len(set(pairs)) == len(pairs)
            earlier = Counter(place for place, other in pairs if other < place)
            assert max(earlier.values(), default=0) <= MAX_CANDIDATES
            for place, number in Counter(place for place, _ in pairs).items():
                assert number <= keys[place].size * FULL


def test_in_a_family_without_end_the_caps_are_reached() -> None:
    """So that the bounds above are no accident of small examples."""
    with stored_lists() as lists:
        asked = asked_of([(n << 16, sketch((n % 40, 40, n % 7))) for n in range(1, 400)])
        found = lists.claim(asked.keys, asked.postings)
        assert max(Counter(found.keys.tolist()).values()) == FULL
        # One text with the keys of eight families has forty-eight relatives, and is compared with the likeliest.
        parts = [np.frombuffer(sketch((n, 40, 0)).shingles, "<u4")[:3] for n in range(8)]
        mixed = Sketch("x", np.unique(np.concatenate(parts)).astype("<u4").tobytes(), b"")
        last = asked_of([(1 << 40, mixed)])
        assert len(candidates(last, lists.read(last.keys), 0.05)) == MAX_CANDIDATES
