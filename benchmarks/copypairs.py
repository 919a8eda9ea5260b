"""Who finds which copies, for `benchmarks/near_copies.py`: ours beside MinHash as datasketch and rensa have it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from datasketch import MinHash, MinHashLSH

from ingest.index.candidates import asked_of, candidates
from ingest.index.deduplicator import Deduplicator
from ingest.index.sketch import is_copy, overlap_of, sketch_of
from ingest.settings import NearCopies
from ingest.store.opening import open_engine
from ingest.store.rareshingles import StoredLists
from ingest.store.transactions import writing

# From which MinHash's pairs count: higher, it finds fewer copies; lower, it merges templates.
JACCARD = 0.5
PERMUTATIONS = 128
_BANDS = 32  # of rensa, which wants to be told; datasketch takes 25 for this threshold


class Document(NamedTuple):
    id: str
    cluster: str
    type: str
    text: str


class Pair(NamedTuple):
    """Two documents, by their numbers in the set, of which one was judged a copy of the other."""

    strength: tuple[float, ...]
    later: int
    earlier: int


class Found(NamedTuple):
    links: dict[str, str]  # document to the earlier one that it copies, one document coming after the other
    pairs: list[Pair]  # all of them, when all documents are known


def read(folder: Path) -> list[Document]:
    with (folder / "copies.jsonl").open(encoding="utf-8") as rows:
        return [Document(**json.loads(row)) for row in rows]


def shingles(text: str) -> list[str]:
    found = text.lower().split()
    return [" ".join(found[n : n + 5]) for n in range(len(found) - 4)]


def by_update(text: str) -> MinHash:
    made = MinHash(num_perm=PERMUTATIONS)
    for shingle in shingles(text):
        made.update(shingle.encode())
    return made


def by_batch(text: str) -> MinHash:
    made = MinHash(num_perm=PERMUTATIONS)
    made.update_batch([shingle.encode() for shingle in shingles(text)])
    return made


def by_rensa(text: str) -> Any:
    """Raises ImportError where rensa is not installed."""
    from rensa import RMinHash

    made = RMinHash(num_perm=PERMUTATIONS, seed=1)
    made.update(shingles(text))
    made.digest()  # it is lazy
    return made


def contenders() -> dict[str, Callable[[Sequence[Document]], Found]]:
    found: dict[str, Callable[[Sequence[Document]], Found]] = {
        "ingest": by_ingest,
        "datasketch": lambda documents: _by_minhash(documents, by_batch, MinHashLSH(threshold=JACCARD)),
    }
    with suppress(ImportError):
        from rensa import RMinHashLSH

        found["rensa"] = lambda documents: _by_minhash(
            documents, by_rensa, RMinHashLSH(JACCARD, PERMUTATIONS, _BANDS)
        )
    return found


def by_ingest(documents: Sequence[Document]) -> Found:
    with Deduplicator() as index:
        verdicts = {document.id: index.add(document.id, document.text) for document in documents}
    links = {name: verdict.of for name, verdict in verdicts.items() if verdict.of is not None}
    return Found(links, list(_judged(documents, NearCopies())))


def _judged(documents: Iterable[Document], settings: NearCopies) -> Iterator[Pair]:
    """What the index compares when it knows all documents, and finds to be copies."""
    sketches = {n: sketch_of(document.text) for n, document in enumerate(documents)}
    asked = asked_of([(n, s) for n, s in sketches.items() if s.size >= settings.minimum_shingles])
    engine = open_engine("sqlite://")
    with writing(engine) as connection:
        lists = StoredLists(connection).claim(asked.keys, asked.postings)
    engine.dispose()
    pairs = {(max(pair), min(pair)) for pair in candidates(asked, lists, settings.similarity)}
    for later, earlier in sorted(pairs):
        overlap = overlap_of(sketches[later], sketches[earlier])
        if is_copy(overlap, settings):
            yield Pair((overlap.containment, overlap.jaccard), later, earlier)


def _by_minhash(documents: Sequence[Document], make: Callable[[str], Any], lsh: Any) -> Found:
    """`lsh`: an empty index that is asked and told as datasketch's is."""
    known, links, pairs = list[Any](), dict[str, str](), list[Pair]()
    for n, document in enumerate(documents):
        made = make(document.text)
        near = [Pair((made.jaccard(known[other]),), n, other) for other in lsh.query(made)]
        near = [pair for pair in near if pair.strength[0] >= JACCARD]
        if near:
            links[document.id] = documents[max(near).earlier].id
        pairs += near
        lsh.insert(n, made)
        known.append(made)
    return Found(links, pairs)
