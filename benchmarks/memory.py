"""Whether memory grows: clean a page set over and over in one process.

    python benchmarks/memory.py PAGES [--pages 50000] [--every 1000] [--only html|flat]

Prints the resident memory of the cleaning process, as HTML and then, in a process of its own, as flat text (the
pages' innerText), and at the end how much came to it after the first pass over the set.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import cache
from pathlib import Path

from benchmarks import peers
from benchmarks.contest import Cleaner, Contestant, Output
from benchmarks.innertext import inner_text
from benchmarks.pageset import Page, read_html, read_pages


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", metavar="PAGES", type=Path)
    parser.add_argument("--pages", dest="number", type=int, default=50_000)
    parser.add_argument("--every", type=int, default=1000)
    parser.add_argument("--only", choices=("html", "flat"))
    options = parser.parse_args()
    pages = read_pages(options.pages)

    @cache
    def dump(page: Page) -> str:
        return inner_text(read_html(options.pages, page))

    faults = 0
    if options.only != "flat":
        cleaner = Cleaner(peers.OURS, peers.Ours("text/html"), _no_output)
        faults += watch("HTML", cleaner, pages, lambda page: read_html(options.pages, page), options)
    if options.only != "html":
        faults += watch(
            "flat text", Cleaner(peers.OURS, peers.Ours("text/plain"), _no_output), pages, dump, options
        )
    return int(faults > 0)


def watch(
    title: str, cleaner: Cleaner, pages: list[Page], text: Callable[[Page], str], options: argparse.Namespace
) -> int:
    """Print the curve; the number of pages that the cleaner failed on."""
    print(f"\n{title}\n{'pages':>9}{'MB':>9}", flush=True)
    faults, curve = 0, [(0, 0)]
    with closing(Contestant(cleaner)) as contestant:
        for number, page in enumerate(_cycle(pages, options.number), 1):
            answer = contestant.clean(text(page), page.language)
            if answer.fault:
                faults += 1
                print(f"failed on {page.id}: {answer.fault}", file=sys.stderr)
            elif number % options.every == 0 or number == options.number:
                curve.append((number, answer.resident))
                print(f"{number:9,}{answer.resident / 2**20:9.1f}", flush=True)
    settled = [resident for number, resident in curve if number >= len(pages)]
    if len(settled) > 1:
        growth = (settled[-1] - settled[0]) / 2**20
        print(f"{growth:+.1f} MB after the first pass; {faults} pages failed")
    return faults


def _cycle(pages: list[Page], number: int) -> Iterable[Page]:
    return itertools.islice(itertools.cycle(pages), number)


def _no_output(text: str, cleaned: object) -> Output:
    return Output("")


if __name__ == "__main__":
    sys.exit(main())
