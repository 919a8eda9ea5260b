"""How results look on a terminal.  Text of dumps never reaches rich as mark-up, nor the terminal as commands."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from ingest.cli.show import Piece, facts_of, marked, printable
from ingest.cli.summary import Summary
from ingest.model import State, Status
from ingest.store.ledger import Dead
from ingest.store.records import Record
from ingest.store.workers import Worker

if TYPE_CHECKING:
    from ingest.run.job import Report


class Watch(Protocol):
    def __call__(self, finished: int) -> None: ...


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "", style="progress.data.speed")


@contextmanager
def progress(total: Callable[[], int], what: str) -> Iterator[Watch]:
    """A bar on stderr where that is a terminal; else nothing.  `total` is asked again at each step."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total())
        yield lambda finished: bar.update(task, advance=finished, total=total())


def say(line: str) -> None:
    """One line to the person, on stderr."""
    sys.stderr.write(printable(line) + "\n")


def print_dead(dead: Sequence[Dead]) -> None:
    for dump in dead:
        say(f"dead: {dump.name}: {dump.reason}: {dump.message}")


def print_summary(report: Report, summary: Summary, written: str | None) -> None:
    """The end of a run, on stderr."""
    table = Table(title="ingest run", title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column(justify="right")
    dumps = {
        "dumps": len(report.dump_ids),
        "  cleaned now": report.done,
        "  known before": report.known,
        "  the same bytes again": report.repeated,
        "  dead": len(report.dead),
        "  without an article": summary.without_article,
    }
    for name, number in dumps.items():
        table.add_row(name, str(number))
    table.add_section()
    table.add_row("documents", str(sum(summary.documents.values())))
    for status, number in summary.documents.items():
        table.add_row(f"  {status}", str(number))
    table.add_section()
    table.add_row("removed spans, characters", str(summary.spans.total()), str(summary.characters.total()))
    for reason, number in summary.spans.most_common():
        table.add_row(Text(f"  {printable(reason)}"), str(number), str(summary.characters[reason]))
    Console(stderr=True).print(table)
    if not report.done and report.known == len(report.dump_ids):
        say(f"nothing new: {report.known} of {len(report.dump_ids)} known")
    if changed := [learned.source for learned in report.learned if learned.changed]:
        say(
            f"learned what the stories of {', '.join(map(printable, changed[:3]))}"
            f"{' and others' if len(changed) > 3 else ''} repeat: see ingest sites; ingest replay cleans again with it"
        )
    if written:
        say(written)


def print_status(
    dumps: Mapping[State, int],
    documents: Mapping[Status, int],
    without_article: int,
    workers: Sequence[Worker],
) -> None:
    """The ledger at a glance, and who is at work."""
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("dumps", str(sum(dumps.values())))
    for state, number in dumps.items():
        table.add_row(f"  {state}", str(number))
        if state == "done":
            table.add_row("    without an article", str(without_article))
    table.add_section()
    table.add_row("documents", str(sum(documents.values())))
    for status, number in documents.items():
        table.add_row(f"  {status}", str(number))
    table.add_section()
    table.add_row("alive", str(len(workers)))
    for worker in workers:
        place = f"  {worker.kind} {worker.pid} on {worker.host}"
        table.add_row(Text(printable(place)), f"{worker.concurrency} at once" if worker.concurrency else "")
    Console().print(table)


def print_dead_list(dead: Sequence[Dead]) -> None:
    """A line for each: the id's start, attempts, reason, name, message; parted by tabs."""
    for dump in dead:
        line = "\t".join((dump.dump_id[:16], str(dump.attempts), dump.reason, dump.name, dump.message))
        sys.stdout.write(printable(line).replace("\n", " ") + "\n")


def print_dead_dump(dump: Dead) -> None:
    facts = {
        "dump": dump.dump_id,
        "name": dump.name,
        "reason": dump.reason,
        "message": dump.message,
        "attempts": str(dump.attempts),
        "payload": "kept" if dump.has_payload else "not kept: run again with the file itself",
    }
    for name, value in facts.items():
        sys.stdout.write(f"{name}: {printable(value)}\n")
    if dump.traceback:
        sys.stdout.write("\n" + printable(dump.traceback))


def print_document(record: Record, *, with_text: bool, reasons: Iterable[tuple[str, str]] = ()) -> None:
    """`reasons`: why it is linked to what it copies."""
    console = Console(soft_wrap=True, highlight=False)
    console.print(Text(printable(record["title"] or "(no title)"), style="bold"))
    for name, value in chain(facts_of(record), reasons):
        console.print(Text.assemble((f"{name}: ", "dim"), printable(value)))
    if with_text:
        console.print(Text("\n" + printable(record["text"]) + "\n"))


def print_page(pieces: Sequence[Piece]) -> None:
    """The page with what was removed struck through; where no terminal can show that, between marks."""
    console = Console(soft_wrap=True, highlight=False)
    if not console.is_terminal:
        sys.stdout.write("\n" + marked(pieces) + "\n")
        return
    page = Text("\n")
    for piece in pieces:
        if piece.removal is None:
            page.append(printable(piece.text))
        else:
            page.append(printable(piece.text), style="strike red")
            page.append(f" {{{piece.removal.reason}, {piece.removal.rule}}}", style="dim")
    console.print(page)
