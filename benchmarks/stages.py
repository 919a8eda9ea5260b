"""Where the time of `ingest.clean` goes: processor time by stage, beside trafilatura's in the same run.

    python benchmarks/stages.py PAGES [--limit N]

PAGES is a page set (benchmarks/pageset.py).  HTML is given as the share of the time that `trafilatura.extract` takes for the
same pages with metadata; flat text, the pages' innerText, in microseconds a line that is not blank.  Each stage is called
as `ingest.pipeline` calls it, once a page, and lines remembered of other pages are forgotten before: service is faster
where a source repeats itself.  What a process loads once is loaded before.  A stage in brackets is a part of the one
above it.  Shares hold elsewhere, microseconds do not.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import ingest
from benchmarks.innertext import inner_text
from benchmarks.pageset import read_html, read_pages
from ingest.labellers import certain, lines
from ingest.labellers.certain import certain_labels
from ingest.labellers.learned.features import features_of
from ingest.labellers.learned.scores import body_scores
from ingest.labellers.lines import line_of
from ingest.markup.guard import bounded_markup
from ingest.model import Page
from ingest.pipeline import _stories
from ingest.settings import Cleaning
from ingest.stages.assemble import assemble
from ingest.stages.blocks_html import blocks_of_html, parse_html
from ingest.stages.blocks_text import blocks_of_text
from ingest.stages.decode import decode
from ingest.stages.label import label
from ingest.stages.language import _second_voter, language_of
from ingest.stages.metadata import facts_of
from ingest.stages.split import split_stories

T = TypeVar("T")
BASE, WHOLE = "trafilatura.extract, with metadata", "ingest.clean"


class Clock:
    """Processor seconds by stage, in the order of their first call."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()

    def time(self, stage: str, work: Callable[[], T]) -> T:
        lines._short_line_of.cache_clear()
        certain._short_label.cache_clear()
        begun = time.process_time()
        result = work()
        self.spent[stage] += time.process_time() - begun
        return result

    def table(self, title: str, unit: float, digits: int) -> str:
        rows = (f"| {stage} | {seconds / unit:.{digits}f} |" for stage, seconds in self.spent.items())
        return "\n".join([f"| {title} | |", "|---|---:|", *rows])


def time_html(html: str, clock: Clock) -> None:
    from trafilatura import extract

    payload = html.encode("utf-8", "replace")
    clock.time(BASE, lambda: extract(html, with_metadata=True))
    clock.time(WHOLE, lambda: ingest.clean(payload, media_type="text/html"))
    text = clock.time("decode", lambda: decode(payload, "text/html")).text
    bounded = clock.time("bounded_markup", lambda: bounded_markup(text))
    tree = clock.time("parse_html", lambda: parse_html(bounded))
    facts = clock.time("facts_of", lambda: facts_of(tree, bounded, url=None))
    time_rest(clock.time("blocks_of_html", lambda: blocks_of_html(tree, bounded, facts)), clock)


def time_flat(text: str, clock: Clock) -> None:
    payload = text.encode("utf-8", "replace")
    clock.time(WHOLE, lambda: ingest.clean(payload, media_type="text/plain"))
    decoded = clock.time("decode", lambda: decode(payload, "text/plain")).text
    time_rest(clock.time("blocks_of_text", lambda: blocks_of_text(decoded)), clock)


def time_rest(page: Page, clock: Clock) -> None:
    """The stages that HTML and flat text share."""
    settings = Cleaning()
    labels = clock.time("label", lambda: label(page, None, settings))
    facts = clock.time("(line_of)", lambda: [line_of(span.text) for span in page.spans])
    clock.time("(certain_labels)", lambda: certain_labels(page, facts, None))
    clock.time("(body_scores)", lambda: body_scores(features_of(page)))
    bounds = clock.time(
        "split_stories",
        lambda: split_stories(page, labels, split_at=settings.split_at, suspect_at=settings.suspect_at),
    )
    cuts = [bound for bound in bounds if bound.score >= settings.split_at]
    stories = clock.time("describe", lambda: list(_stories(page, labels, cuts)))
    for placed in stories:
        clock.time("(language_of)", lambda told=placed.story: language_of(f"{told.title or ''}\n{told.text}"))
    clock.time("assemble", lambda: assemble("", page, stories, url=None, suspected=None))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", metavar="PAGES", type=Path)
    parser.add_argument("--limit", type=int, default=200, help="pages, spread evenly over the set (200)")
    options = parser.parse_args()
    pages = [read_html(options.pages, page) for page in read_pages(options.pages, limit=options.limit)]
    _second_voter()  # most pages need none: one in the midst would pay for it
    print_html(pages)
    print_flat([inner_text(html) for html in pages])


def print_html(pages: Iterable[str]) -> None:
    warm, clock = Clock(), Clock()
    for number, html in enumerate(pages):
        time_html(html, clock if number else warm)  # the first page pays for what is loaded once a process
        if not number:
            gc.freeze()  # a full collection of that would count for the stage that it happens to fall in
    base = clock.spent[BASE]
    print(f"{number} pages, {base / number * 1000:.1f} ms a page\n{clock.table('HTML', base, 3)}")
    print(f"\n{base / clock.spent[WHOLE]:.2f} times the pages a second\n")


def print_flat(texts: Iterable[str]) -> None:
    warm, clock, count = Clock(), Clock(), 0
    for number, text in enumerate(filter(str.strip, texts)):
        time_flat(text, clock if number else warm)
        count += sum(map(bool, map(str.strip, text.split("\n")))) if number else 0
    print(f"{count} lines\n{clock.table('flat text, µs a line', count / 1e6, 1)}")
    print(f"\n{count / clock.spent[WHOLE]:,.0f} lines a second")


if __name__ == "__main__":
    main()
