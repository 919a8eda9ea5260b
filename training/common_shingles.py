"""Make the list of common shingles that near-copies are told without (ingest/models/common-shingles-N.npz).

    python -m training.common_shingles PAGES [--sites 6] [--output FILE]

PAGES is a page set (benchmarks/pageset.py).  A shingle is common when pages of at least --sites sites hold it, in
the story or in what stands around it: phrases of the language, and furniture.  The list is frozen: stored sketches
rest on it.  Another list is another file name and another `sketch.ALGORITHM`.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np

from benchmarks.innertext import inner_text
from benchmarks.pageset import read_html, read_pages
from ingest.index.normal import plain
from ingest.index.shingles import COMMON_BITS, COMMON_FILE, character_hashes
from ingest.vocabulary.words import fold


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=Path)
    parser.add_argument("--sites", type=int, default=6)
    parser.add_argument("--output", type=Path, default=Path("ingest/models") / COMMON_FILE)
    options = parser.parse_args()
    sites = defaultdict(list)
    for page in read_pages(options.pages):
        shown = f"{page.gold}\n{inner_text(read_html(options.pages, page))}"
        sites[page.site].append(character_hashes(plain(fold(shown))))
    found, held_by = np.unique(
        np.concatenate([np.unique(np.concatenate(hashes)) for hashes in sites.values()]), return_counts=True
    )
    common = found[held_by >= options.sites]
    cells = np.unique(common >> np.uint64(64 - COMMON_BITS)).astype(np.int64)
    np.savez_compressed(options.output, gaps=np.diff(cells, prepend=0).astype(np.uint16))
    print(f"{len(sites)} sites, {found.size} shingles, {common.size} common, in {cells.size} cells")


if __name__ == "__main__":
    main()
