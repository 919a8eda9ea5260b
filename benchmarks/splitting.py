"""Split mixed files with ours and with published methods, side by side in one run.

    python -m benchmarks.splitting PAGES [--each 60] [--seed 9] [--held-out FOLDER] [--at 0.8] [--short 0] [--mixes FILE ...]
        [--peers-every 4]

PAGES is a page set, of which files of known boundaries are made, at all levels, and single stories
(`benchmarks/mixes.py`).  It prints Markdown: the share of mixed files whose boundaries are exactly right, of single
stories that were cut, boundary F1, and processor time of the median file.  Ours is timed from labelled spans on; that
of the whole cleaning stands beside it.

--held-out takes what `python -m training.splitter PAGES --keep FOLDER` wrote: each half's files are made of its own
sites and cut by the networks that never saw these.  Without it, pages that the shipped weights were fitted to flatter ours.
--short SHARE: of so many stories of mixed files the first two to four paragraphs alone are told; else they are long.
--mixes takes files made elsewhere: an object a line with id, level, lines, bounds; with --held-out one file for each half.
--peers-every N: the others cut every Nth file only, for they are slow; ours is given on the same files too.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.mixes import Mix, mixes_of_fold
from benchmarks.segmenters import PEERS
from ingest.pipeline import read_page
from ingest.settings import Cleaning
from ingest.stages.decode import Decoded
from ingest.stages.label import label
from ingest.stages.split import split_stories

HALVES = 2  # `training.splitter` holds out every second fold of four, which is every second of two
OURS, OURS_THERE = "ours", "ours, same files"


class Answer(NamedTuple):
    bounds: set[int]
    seconds: float
    labelling: float = 0.0


@dataclass(slots=True)
class Tally:
    files: int = 0
    exact: int = 0
    cut: int = 0
    hits: int = 0
    found: int = 0
    wanted: int = 0
    seconds: list[float] = field(default_factory=list)
    labelling: list[float] = field(default_factory=list)

    def add(self, wanted: set[int], answer: Answer) -> None:
        self.files += 1
        self.exact += answer.bounds == wanted
        self.cut += bool(answer.bounds)
        self.hits += len(answer.bounds & wanted)
        self.found += len(answer.bounds)
        self.wanted += len(wanted)
        self.seconds.append(answer.seconds)
        self.labelling.append(answer.labelling)

    @property
    def score(self) -> float:
        """Of mixed files those cut exactly, of single ones those cut at all."""
        return (self.exact if self.wanted else self.cut) / max(1, self.files)

    @property
    def f1(self) -> float:
        return 2 * self.hits / max(1, self.found + self.wanted)


def ours(mix: Mix, settings: Cleaning) -> Answer:
    begin = time.process_time()
    page = read_page(Decoded("\n".join(mix.lines), "text/plain", "utf-8", ()))
    labels = label(page, None, settings)
    split = time.process_time()
    found = split_stories(page, labels, split_at=settings.split_at, weights=settings.weights)
    end = time.process_time()
    numbers, offset = {}, 0
    for number, line in enumerate(mix.lines):
        numbers[offset] = number
        offset += len(line) + 1
    starts = {page.spans[b.index].start for b in found if b.score >= settings.split_at}
    return Answer({numbers[start] for start in starts if start in numbers}, end - split, split - begin)


def fields_of(options: argparse.Namespace) -> Iterator[tuple[Path | None, Iterable[Mix]]]:
    """Each fold's weights and files; the shipped ones and all files where nothing is held out."""
    held_out = options.held_out
    parts = [held_out / str(fold + 1) for fold in range(HALVES)] if held_out else [None]
    for fold, weights in enumerate(parts):
        if options.mixes:
            given = [options.mixes[fold]] if held_out else options.mixes
            yield weights, (mix for file in given for mix in _read(file))
        else:
            files = mixes_of_fold(
                options.pages,
                fold,
                folds=len(parts),
                each=options.each,
                seed=options.seed,
                short=options.short,
            )
            yield weights, files


def _read(file: Path) -> Iterator[Mix]:
    for row in map(json.loads, file.open(encoding="utf-8")):
        parts = row.get("parts") or [""]
        news = all(part.startswith("fundus") for part in parts)
        yield Mix(row["id"], row["level"], tuple(row["lines"]), tuple(row["bounds"]), "", news)


def groups_of(mix: Mix) -> Sequence[str]:
    if mix.bounds or mix.level in ("neg_page", "neg_live"):
        return (mix.level,)
    return mix.level, "single news" if mix.news else "single WCXB"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=Path)
    parser.add_argument("--each", type=int, default=60, help="mixed files of each level and fold")
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument(
        "--short", type=float, default=0, metavar="SHARE", help="of the stories of mixed files"
    )
    parser.add_argument("--held-out", type=Path, metavar="FOLDER")
    parser.add_argument("--mixes", type=Path, nargs="*", default=[])
    parser.add_argument("--at", type=float, default=Cleaning().split_at)
    parser.add_argument("--peers-every", type=int, default=4)
    options = parser.parse_args()
    tallies: dict[str, dict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
    for weights, mixes in fields_of(options):
        settings = Cleaning(split_at=options.at, weights=weights)
        for number, mix in enumerate(mixes):
            answers = {OURS: ours(mix, settings)}
            if not number % options.peers_every:
                answers[OURS_THERE] = answers[OURS]
                for name, segmenter in PEERS.items():
                    begin = time.process_time()
                    found = set(segmenter(mix.lines))
                    answers[name] = Answer(found, time.process_time() - begin)
            for name, answer in answers.items():
                for group in groups_of(mix):
                    tallies[name][group].add(set(mix.bounds), answer)
    print(as_markdown(tallies))


def as_markdown(tallies: dict[str, dict[str, Tally]]) -> str:
    names = list(tallies)
    order = sorted(tallies[OURS].items(), key=lambda item: (not item[1].wanted, item[0]))
    lines = [f"| files | n | {' | '.join(names)} |", "|---|---|" + "---|" * len(names)]
    for group, tally in order:
        shown = (
            f"{t.score:.3f}" + (f" (F1 {t.f1:.2f})" if t.wanted else "")
            for t in (tallies[name][group] for name in names)
        )
        lines.append(f"| {group} | {tally.files} | {' | '.join(shown)} |")
    lines += ["", "Mixed files: share cut exactly. Others: share cut at all.", ""]
    lines += ["| median ms of a file | news | all |", "|---|---|---|"]
    for name in names:
        news = [s for g, t in tallies[name].items() if g == "single news" for s in t.seconds]
        every = [s for g, t in tallies[name].items() if not g.startswith("single") for s in t.seconds]
        lines.append(f"| {name} | {1000 * median(news or [0]):.2f} | {1000 * median(every or [0]):.2f} |")
    before = [s for g, t in tallies[OURS].items() if g == "single news" for s in t.labelling]
    lines.append(f"| reading and labelling, before ours | {1000 * median(before or [0]):.2f} | |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
