"""What a run of cleaners came to, and its tables in Markdown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from benchmarks.contest import Answer
from benchmarks.pageset import Page, groups
from benchmarks.scores import Means, PageScore, means

ARTICLES = "type article"


class Dump(NamedTuple):
    """What is cleaned: a page's HTML, or a flat text, then perhaps with what is known of its lines."""

    page: Page
    text: str
    style: str
    labels: tuple[bool | None, ...] = ()  # True: gold, False: not, None: not sure or blank


@dataclass
class Tally:
    """One cleaner's run."""

    style: str = ""
    scores: dict[str, list[PageScore]] = field(default_factory=lambda: defaultdict(list))
    sure_lines: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    faults: int = 0
    seconds: float = 0.0
    lines: int = 0  # that are not blank
    peak: int = 0  # bytes

    def add(self, dump: Dump, answer: Answer, score: PageScore) -> None:
        self.style = dump.style
        for group in groups(dump.page):
            self.scores[group].append(score)
        for number, gold in enumerate(dump.labels):
            if gold is not None:
                kind = "gold" if gold else "other"
                for group in ("all", f"source {dump.page.source}"):
                    self.sure_lines[group][kind] += 1
                    self.sure_lines[group][f"{kind} right"] += (number in answer.output.lines) == gold
        self.faults += answer.fault is not None
        self.seconds += answer.seconds
        self.lines += sum(not line.isspace() for line in dump.text.split("\n") if line)
        self.peak = max(self.peak, answer.peak)

    @property
    def means(self) -> dict[str, Means]:
        return {group: means(scores) for group, scores in self.scores.items()}


def overall(title: str, tallies: dict[str, Tally], base: str | None = None) -> str:
    """All figures of all pages, and of articles where there are others.

    `base`: the cleaner whose time is 1; without one, speed is lines a second.
    """
    found = {name: tally.means for name, tally in tallies.items()}
    first = next(iter(found.values()))
    measured = [group for group in ("all", ARTICLES) if group in first]
    if len(measured) == 2 and first["all"].pages == first[ARTICLES].pages:
        measured = [ARTICLES]
    parts = []
    for group in measured:
        rows = []
        for name, known in found.items():
            tally, (_, *figures) = tallies[name], known[group]
            if base:
                speed = f"{tally.seconds / tallies[base].seconds:.2f}"
            else:
                speed = f"{tally.lines / tally.seconds:,.0f}" if tally.seconds else "–"
            rows.append([name, *map(_four, figures), speed, f"{tally.peak / 2**20:.0f}", str(tally.faults)])
        head = ["cleaner", "P", "R", "F1", "4-gram F1", "paragraphs F1", "with", "without"]
        head += ["time" if base else "lines/s", "peak MB", "failed"]
        parts.append(f"\n{title}, {group}, {first[group].pages} pages:\n\n{_table(head, rows)}")
    if base:
        cost = tallies[base].seconds / max(1, first["all"].pages)
        parts.append(f"\nTime: processor time against {base}'s {1000 * cost:.1f} ms a page.")
    return "\n".join(parts)


def by_group(title: str, tallies: dict[str, Tally]) -> str:
    """Word F1, then 4-gram F1, a row for each group of pages."""

    def part(label: str, figure: Callable[[Means], float]) -> str:
        found = {name: tally.means for name, tally in tallies.items()}
        pages = {group: means_.pages for group, means_ in sorted(next(iter(found.values())).items())}
        rows = [
            [group, str(n), *(_three(figure(known[group])) for known in found.values())]
            for group, n in pages.items()
        ]
        return f"\n{title}, {label} by group:\n\n{_table(['pages', 'n', *found], rows)}"

    return part("word F1", lambda m: m.f1) + "\n" + part("4-gram F1", lambda m: m.grams)


def by_line(title: str, tallies: dict[str, Tally]) -> str:
    """Share of gold lines kept, and of other lines dropped; nothing where no line is labelled."""
    rows = [
        [
            group,
            name,
            *(f"{count['gold']:,} {count['other']:,}".split()),
            _three(_share(count["gold right"], count["gold"])),
            _three(_share(count["other right"], count["other"])),
        ]
        for group in sorted(next(iter(tallies.values())).sure_lines)
        for name, tally in tallies.items()
        for count in [tally.sure_lines[group]]
    ]
    head = ["lines", "cleaner", "gold", "other", "gold kept", "others dropped"]
    return f"\n{title}, sure lines:\n\n{_table(head, rows)}" if rows else ""


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    ruled = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in ruled)


def _three(value: float) -> str:
    return _figure(f"{value:.3f}")


def _four(value: float) -> str:
    return _figure(f"{value:.4f}")


def _figure(text: str) -> str:
    """As README writes shares: .9419, 1.0000, and – for what nobody knows."""
    return "–" if text == "nan" else text.removeprefix("0")
