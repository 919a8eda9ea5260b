"""Near-copies found among edited copies and look-alikes, and what the search costs, beside peers in one run.

    python -m benchmarks.near_copies COPIES [--documents 10000] [--check]

COPIES is a folder with copies.jsonl: one document a line with id, cluster (two are near-copies exactly when it is
the same), type (the edit, "original", or "neg_…": alone in its cluster) and text.  Documents come one after the
other and each is linked to the best earlier match; what is linked is one cluster.  Quality counts pairs of one
cluster, and by type of edit the copies that are in their original's cluster.

Time is processor time of one core: text to sketch, the best of three; look-up and insert, in batches of 64 where
the index takes them, of made-up sketches up to --documents (see `nearindexes`; a million take half an hour).
--check: exit status 1 where precision is below .99 or F1 below .97.

Peers: datasketch, MinHash of 128 permutations over word 5-shingles, LSH, and the Jaccard of the signatures ≥ .5;
its signatures also shingle by shingle (`update`).  rensa, R-MinHash of the same shingles, where it is installed
(`pip install -e '.[bench]'`).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from datasketch import MinHash, MinHashLSH

from benchmarks import nearindexes
from ingest.index.deduplicator import Deduplicator
from ingest.index.minhash import signature_of
from ingest.index.sketch import sketch_of

JACCARD = (
    0.5  # from which datasketch's pairs count: higher, it finds fewer copies; lower, it merges templates
)


class Document(NamedTuple):
    id: str
    cluster: str
    type: str
    text: str


Links = dict[str, str]  # document to the one that it copies


def read(folder: Path) -> list[Document]:
    with (folder / "copies.jsonl").open(encoding="utf-8") as rows:
        return [Document(**json.loads(row)) for row in rows]


def shingles(text: str) -> list[str]:
    found = text.lower().split()
    return [" ".join(found[n : n + 5]) for n in range(len(found) - 4)]


def by_update(text: str) -> MinHash:
    made = MinHash()
    for shingle in shingles(text):
        made.update(shingle.encode())
    return made


def by_batch(text: str) -> MinHash:
    made = MinHash()
    made.update_batch([shingle.encode() for shingle in shingles(text)])
    return made


def links_of_datasketch(documents: Iterable[Document]) -> Links:
    index, known, links = MinHashLSH(threshold=JACCARD), dict[str, MinHash](), Links()
    for document in documents:
        made = by_batch(document.text)
        near = [(made.jaccard(known[name]), name) for name in index.query(made)]
        measured, best = max(near, default=(0.0, ""))
        if measured >= JACCARD:
            links[document.id] = best
        index.insert(document.id, made)
        known[document.id] = made
    return links


def links_of_ours(documents: Iterable[Document]) -> Links:
    with Deduplicator() as index:
        verdicts = {document.id: index.add(document.id, document.text) for document in documents}
    return {name: verdict.of for name, verdict in verdicts.items() if verdict.of is not None}


class Quality(NamedTuple):
    precision: float
    recall: float
    f1: float
    found: dict[str, float]  # by type: copies in their original's cluster
    merged: dict[str, float]  # by type: documents in a cluster with a stranger


def quality_of(documents: Sequence[Document], links: Links) -> Quality:
    clusters = clusters_of(documents, links)
    gold, ours, both = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    original, strangers = dict[str, str](), defaultdict[str, set[str]](set)
    for document in documents:
        cluster = clusters[document.id]
        gold[document.cluster] += 1
        ours[cluster] += 1
        both[document.cluster, cluster] += 1
        strangers[cluster].add(document.cluster)
        if document.type in ("original", "neg_sameevent"):
            original[document.cluster] = cluster
    right, linked, wanted = (sum(n * (n - 1) // 2 for n in counts.values()) for counts in (both, ours, gold))
    found, merged = defaultdict[str, list[bool]](list), defaultdict[str, list[bool]](list)
    for document in documents:
        cluster = clusters[document.id]
        merged[document.type].append(len(strangers[cluster]) > 1)
        if document.cluster in original and document.type not in ("original", "neg_sameevent"):
            found[document.type].append(cluster == original[document.cluster])
    precision, recall = right / max(1, linked), right / max(1, wanted)
    return Quality(
        precision,
        recall,
        2 * precision * recall / max(1e-9, precision + recall),
        {kind: sum(hits) / len(hits) for kind, hits in sorted(found.items())},
        {kind: sum(hits) / len(hits) for kind, hits in sorted(merged.items())},
    )


def clusters_of(documents: Sequence[Document], links: Links) -> dict[str, str]:
    """The first document of each one's chain of links: a link leads to an earlier one."""
    first: dict[str, str] = {}
    for document in documents:
        first[document.id] = first[links[document.id]] if document.id in links else document.id
    return first


def seconds(work: Callable[[str], object], texts: Sequence[str]) -> float:
    """Processor time a text, the best of three."""
    work(texts[0])
    best = float("inf")
    for _ in range(3):
        begin = time.process_time()
        for text in texts:
            work(text)
        best = min(best, time.process_time() - begin)
    return best / len(texts)


def makers() -> dict[str, Callable[[str], object]]:
    found: dict[str, Callable[[str], object]] = {
        "datasketch, update_batch": by_batch,
        "datasketch, update": by_update,
        "ingest, sketch": sketch_of,
        "ingest, MinHash signature": signature_of,
    }
    with suppress(ImportError):
        from rensa import RMinHash

        def by_rensa(text: str) -> object:
            made = RMinHash(num_perm=128, seed=1)
            made.update(shingles(text))
            return made.digest()

        found["rensa, R-MinHash"] = by_rensa
    return found


def print_quality(found: dict[str, Quality]) -> None:
    names = list(found)
    print(f"\n| | {' | '.join(names)} |\n|---|{'---:|' * len(names)}")
    for field in ("precision", "recall", "f1"):
        print(f"| {field} | {' | '.join(f'{getattr(found[name], field):.4f}' for name in names)} |")
    for field, title in (("found", "found"), ("merged", "with a stranger")):
        for kind in getattr(found[names[0]], field):
            cells = [getattr(found[name], field)[kind] for name in names]
            if field == "found" or any(cells):
                print(f"| {kind}, {title} | {' | '.join(f'{cell:.3f}' for cell in cells)} |")


def print_rates(texts: Sequence[str]) -> None:
    times = {name: seconds(work, texts) for name, work in makers().items()}
    print(f"\n| text to sketch, {len(texts)} texts | µs a text | times `update_batch` | times `update` |")
    print("|---|---:|---:|---:|")
    batch, default = times["datasketch, update_batch"], times["datasketch, update"]
    for name, taken in times.items():
        print(f"| {name} | {taken * 1e6:.0f} | {batch / taken:.1f} | {default / taken:.1f} |")


def print_costs(number: int) -> None:
    marks = [mark for mark in (10_000, 100_000) if mark < number] + [number]
    contenders = {
        nearindexes.sql: marks,
        nearindexes.sql_and_redis: marks,
        nearindexes.lists_in_redis: marks,
        nearindexes.datasketch_in_memory: [mark for mark in marks if mark <= 100_000],
        nearindexes.datasketch_in_redis: [1000],
    }
    head = "µs, of the server", "bytes", "round trips", "false candidates", "resident, MB"
    print(f"\n| look-up and insert, a document | documents | µs | {' | '.join(head)} |\n|---|{'---:|' * 7}")
    for contender, few in contenders.items():
        for costs in nearindexes.costs_of(contender, few):
            name, *figures = ["" if x is None else x if isinstance(x, str) else f"{x:.3g}" for x in costs]
            print(f"| {name} | {costs.documents} | {' | '.join(figures[1:])} |", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("copies", metavar="COPIES", type=Path)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    documents = read(options.copies)
    quality = {
        "ingest": quality_of(documents, links_of_ours(documents)),
        "datasketch": quality_of(documents, links_of_datasketch(documents)),
    }
    print(f"{len(documents)} documents, one after the other")
    print_quality(quality)

    print_rates([document.text for document in documents[:500]])
    print_costs(options.documents)
    ours = quality["ingest"]
    return int(options.check and (ours.precision < 0.99 or ours.f1 < 0.97))


if __name__ == "__main__":
    sys.exit(main())
