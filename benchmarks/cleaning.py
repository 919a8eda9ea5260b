"""Clean a page set with ours and with its peers, side by side in one run, and compare the texts with the gold.

    python benchmarks/cleaning.py PAGES [--limit N] [--type article] [--only html|flat] [--lines FILE] [--check]

PAGES is a folder with pages.jsonl and html/<id>.html.gz (benchmarks/pageset.py says what is in them).  It prints
Markdown: word precision, recall and F1, F1 of 4-grams (case kept) and of paragraphs, the share of required and of
forbidden snippets, time and peak memory (benchmarks/scores.py), by group; the same for flat dumps, which are the
pages' innerText.  Every cleaner works in a process of its own, page by page in turn, so all share the machine's
moods; time is processor time, as a ratio to trafilatura's extraction with metadata.  A page that a cleaner fails
on counts as empty and is named on stderr; Ctrl-C prints the tables of what is done.  On every page it is proved that our blocks and removals tile the text.

--lines takes flat dumps made elsewhere: a JSON object a line with id, style, lines, labels (1 = gold) and notes
(empty = the label is sure).  They are cleaned instead of innerText, and the sure lines are counted too.

--held-out takes what `python -m training.labeller PAGES --keep FOLDER` wrote: ours cleans each page with the weights
of the fold that did not see the page's site.  Without it, pages that the shipped weights were fitted to flatter ours.

The exit status is 1 where ours failed on a page; with --check also where it has the lower word F1 on articles.

Peers that are not installed are named.  `pip install -e '.[bench]'` needs pip 23.3 or newer; with any pip, into
the environment of README's first command:

    pip install --no-deps readability-lxml boilerpy3 newspaper4k 'chardet<6' 'cssselect<1.4' pillow pyyaml \\
        'tldextract<6' requests-file filelock w3lib
    pip install --no-deps --only-binary :all: rs-trafilatura        # where there is a wheel
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shlex
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import NamedTuple

from benchmarks import flat, peers
from benchmarks.contest import Cleaner, Contestant
from benchmarks.innertext import inner_text
from benchmarks.pageset import FOLDS, Page, fold_of, read_html, read_pages
from benchmarks.scores import Gold
from benchmarks.tallies import ARTICLES, Dump, Tally, by_group, by_line, overall


class Heat(NamedTuple):
    """Dumps, and who cleans them."""

    cleaners: list[Cleaner]
    dumps: Iterable[Dump]


def compete(heats: Iterable[Heat]) -> dict[str, Tally]:
    """Each dump through each of its cleaners in turn; prints what fails.  Ctrl-C ends it after the dumps that all had."""
    tallies = defaultdict[str, Tally](Tally)
    with suppress(KeyboardInterrupt):
        for heat in heats:
            with ExitStack() as stack:
                contestants = [stack.enter_context(closing(Contestant(c))) for c in heat.cleaners]
                for dump in heat.dumps:
                    _hold(contestants, dump, tallies)
    return dict(tallies)


def _hold(contestants: list[Contestant], dump: Dump, tallies: defaultdict[str, Tally]) -> None:
    """One dump: counted when all have had it."""
    answers = [contestant.clean(dump.text, dump.page.language) for contestant in contestants]
    gold = Gold(dump.page)
    scores = [gold.score(answer.output.text) for answer in answers]
    for contestant, answer, score in zip(contestants, answers, scores, strict=True):
        name = contestant.cleaner.name
        if answer.fault:
            print(f"{name} failed on {dump.page.id}: {answer.fault}", file=sys.stderr)
        tallies[name].add(dump, answer, score)


def fields_of(pages: list[Page], held_out: Path | None, file: str) -> list[tuple[Path | None, list[Page]]]:
    """The pages by the weights that ours is to have: those shipped, or those that never saw the pages' sites.

    `held_out`: what `python -m training.labeller --keep` wrote; of folds that are not there the pages are left out.
    """
    if held_out is None:
        return [(None, pages)]
    return [
        (weights, [page for page in pages if fold_of(page.site, FOLDS) == fold])
        for fold in range(FOLDS)
        if ((weights := held_out / str(fold + 1)) / file).is_file()
    ]


def mixed(pages: list[Page]) -> list[Page]:
    """In an order of its own, always the same: a run that is cut short speaks for the whole set."""
    return sorted(pages, key=lambda page: hashlib.sha256(page.id.encode()).digest())


def html_dumps(folder: Path, pages: list[Page]) -> Iterator[Dump]:
    for page in pages:
        yield Dump(page, read_html(folder, page), "html")


def flat_dumps(folder: Path, pages: list[Page]) -> Iterator[Dump]:
    for page in pages:
        yield Dump(page, inner_text(read_html(folder, page)), "innertext")


def line_dumps(file: Path, pages: list[Page]) -> Iterator[Dump]:
    """Rows of the file whose page is among the pages."""
    known = {page.id: page for page in pages}
    with file.open(encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            if row["id"] not in known:
                continue
            sure = (
                bool(label) if not note and line.strip() else None
                for line, label, note in zip(row["lines"], row["labels"], row["notes"], strict=True)
            )
            yield Dump(known[row["id"]], "\n".join(row["lines"]), row.get("style", file.stem), tuple(sure))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", metavar="PAGES", type=Path)
    parser.add_argument("--limit", type=int, help="only so many pages, spread evenly over the set")
    parser.add_argument("--type", default="article", help="page type, or all")
    parser.add_argument("--only", choices=("html", "flat"))
    parser.add_argument("--lines", type=Path, nargs="+", default=[], metavar="FILE")
    parser.add_argument("--held-out", type=Path, metavar="FOLDER")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    pages = mixed(read_pages(options.pages, options.type, options.limit))
    if not pages:
        parser.error(f"no page of type {options.type} in {options.pages}")
    if options.check and (options.only == "flat" or all(page.page_type != "article" for page in pages)):
        parser.error("--check compares the HTML of articles, and there is none")
    cleaners, versions = peers.installed()
    print(f"`python benchmarks/cleaning.py {_shown(sys.argv[1:])}`\n")
    print(", ".join(f"{package} {version or 'is missing'}" for package, version in versions.items()))

    tallies: list[dict[str, Tally]] = []
    behind = False
    if options.only != "flat":
        fields = fields_of(pages, options.held_out, "labeller-html.npz")
        found = compete(
            Heat(peers.with_weights(cleaners, weights), html_dumps(options.pages, some))
            for weights, some in fields
        )
        if peers.OURS not in found:
            return 130  # Ctrl-C before the first page was through
        tallies.append(found)
        print(overall("HTML", found, base=peers.BASE), by_group("HTML", found), sep="\n")
        if ARTICLES in found[peers.OURS].means:
            f1 = {name: tally.means[ARTICLES].f1 for name, tally in found.items()}
            behind = f1[peers.OURS] < max(f1[cleaner.name] for cleaner in peers.MUST_NOT_BEAT_US)
    if options.only != "html":
        by_rules = flat.cleaners(justext=versions["justext"] is not None)
        for file in options.lines or [None]:
            fields = fields_of(pages, options.held_out, "labeller-flat.npz")
            found = compete(
                Heat(
                    peers.with_weights(by_rules, weights),
                    line_dumps(file, some) if file else flat_dumps(options.pages, some),
                )
                for weights, some in fields
            )
            if peers.OURS not in found:
                parser.error(f"none was cleaned: has a line of {file} the id of a page of {options.pages}?")
            tallies.append(found)
            style = f"Flat dumps ({found[peers.OURS].style})"
            print(overall(style, found), by_group(style, found), by_line(style, found), sep="\n")
    failed = any(found[peers.OURS].faults for found in tallies)
    return int(failed or (options.check and behind))


def _shown(arguments: list[str]) -> str:
    """The command line as a reader can type it: files and folders by their names."""
    return shlex.join(Path(a).name if Path(a).exists() else a for a in arguments)


if __name__ == "__main__":
    sys.exit(main())
