"""Near-copies found among edited copies and look-alikes, and what the search costs, beside peers in one run.

    python -m benchmarks.near_copies [COPIES] [--documents 10000] [--index NAME...] [--check]

COPIES is a folder with copies.jsonl: one document a line with id, cluster (two are near-copies exactly when it is
the same), type (the edit, "original", or "neg_…": alone in its cluster) and text; without it, only costs are measured.
Streaming: documents come one after the other, each is linked to the best earlier match, and what is linked is one
group.  Batch: all documents are known, then pairs are judged; the strongest first, two groups become one where half
of the pairs between them are copies.  Quality counts pairs of one group, and by type of edit the copies that are in
their original's group.

Time is processor time of one core: text to sketch, the best of three; look-up and insert, in batches of 64 where
the index takes them, of made-up sketches up to --documents (see `nearindexes`), for each --index or all of them.
--check: exit status 1 where precision is below .99 or F1 below .97, streaming.

Peers: datasketch, MinHash of 128 permutations over word 5-shingles, LSH, and the Jaccard of the signatures ≥ .5;
its signatures also shingle by shingle (`update`).  rensa, R-MinHash of the same shingles and its LSH, where it is
installed (`pip install -e '.[bench]'`).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks import nearindexes
from benchmarks.copygroups import Quality, by_links, by_pairs, quality_of
from benchmarks.copypairs import Document, by_batch, by_rensa, by_update, contenders, read
from ingest.index.minhash import signature_of
from ingest.index.sketch import sketch_of

MARKS = 10_000, 100_000  # numbers of documents at which indexes are measured, beside --documents
INDEXES = {
    "sqlite": nearindexes.sql,
    "sqlite-and-redis": nearindexes.sql_and_redis,
    "redis-lists": nearindexes.lists_in_redis,
    "datasketch": nearindexes.datasketch_in_memory,
    "datasketch-redis": nearindexes.datasketch_in_redis,
}
MOST = {"datasketch": 100_000, "datasketch-redis": 1000}  # more would take its memory, or its time


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


def makers(text: str) -> dict[str, Callable[[str], object]]:
    """What makes a sketch of a text; `text`: to try whether it is installed."""
    found: dict[str, Callable[[str], object]] = {
        "datasketch, update_batch": by_batch,
        "datasketch, update": by_update,
        "ingest, sketch": sketch_of,
        "ingest, MinHash signature": signature_of,
    }
    with suppress(ImportError):
        by_rensa(text)
        found["rensa, R-MinHash"] = by_rensa
    return found


def qualities(documents: Sequence[Document]) -> dict[str, Quality]:
    found: dict[str, Quality] = {}
    for name, contender in contenders().items():
        links, pairs = contender(documents)
        found[f"{name}, streaming"] = quality_of(documents, by_links(documents, links))
        found[f"{name}, batch"] = quality_of(documents, by_pairs(documents, pairs))
    return found


def print_quality(found: Mapping[str, Quality]) -> None:
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
    times = {name: seconds(work, texts) for name, work in makers(texts[0]).items()}
    print(f"\n| text to sketch, {len(texts)} texts | µs a text | times `update_batch` | times `update` |")
    print("|---|---:|---:|---:|")
    batch, default = times["datasketch, update_batch"], times["datasketch, update"]
    for name, taken in times.items():
        print(f"| {name} | {taken * 1e6:.0f} | {batch / taken:.1f} | {default / taken:.1f} |")


def print_costs(names: Iterable[str], number: int) -> None:
    head = "µs, of the server", "bytes", "round trips", "false candidates", "resident, MB"
    print(f"\n| look-up and insert, a document | documents | µs | {' | '.join(head)} |\n|---|{'---:|' * 7}")
    for index in names:
        most = min(number, MOST.get(index, number))
        marks = [*(mark for mark in MARKS if mark < most), most]
        for costs in nearindexes.costs_of(INDEXES[index], marks):
            name, *figures = ["" if x is None else x if isinstance(x, str) else f"{x:.3g}" for x in costs]
            print(f"| {name} | {costs.documents} | {' | '.join(figures[1:])} |", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("copies", metavar="COPIES", type=Path, nargs="?")
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--index", choices=INDEXES, action="append", help="may be given several times")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    is_good = True
    if options.copies is not None:
        documents = read(options.copies)
        quality = qualities(documents)
        print(f"{len(documents)} documents")
        print_quality(quality)
        print_rates([document.text for document in documents[:500]])
        ours = quality["ingest, streaming"]
        is_good = ours.precision >= 0.99 and ours.f1 >= 0.97
    print_costs(options.index or INDEXES, options.documents)
    return int(options.check and not is_good)


if __name__ == "__main__":
    sys.exit(main())
