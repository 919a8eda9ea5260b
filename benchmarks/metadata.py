"""Read title, date and authors of a page set with ours and with trafilatura in one run; compare with the gold.

    python benchmarks/metadata.py PAGES [--limit N] [--half a|b] [--no-url] [--wrong FILE] [--check]

PAGES: a folder with pages.jsonl (one object a line: id, site, source, language, url, title, authors,
published) and html/<id>.html.gz (UTF-8).  Rows by source and language: `facts` is what we read off
the mark-up, `ours` the primary article of a whole cleaning.

Of pages whose gold has a title: the share with that title, folded (exact), and with the same words
or one within the other (loose).  Of pages whose gold has a date: right (within a day: gold in UTC
and in local time), wrong, missing; of those without: invented, which is an upper bound, since a gold
without a date may be one that nobody looked for.  Authors: all names right, some, none; invented.
--half keeps half of the sites, by the hash of their names: look at one, judge on the other.  --wrong
writes the pages where `facts` is not right.  With --check the exit status is 1 where ours misses a goal.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Container
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import trafilatura

import ingest
from ingest.pipeline import parse_html
from ingest.stages.metadata import facts_of
from ingest.vocabulary.words import fold, words

DAY = timedelta(days=1)
EXACT_TITLES, RIGHT_DATES, INVENTED_DATES = 0.85, 0.90, 0.10


@dataclass(frozen=True, slots=True)
class Fields:
    title: str | None = None
    published: str | None = None
    authors: tuple[str, ...] = ()


def facts(html: str, url: str | None) -> Fields:
    found = facts_of(parse_html(html), html, url=url)
    return Fields(found.title, found.published, found.authors)


def ours(html: str, url: str | None) -> Fields:
    articles = ingest.clean(html, media_type="text/html", url=url).articles
    return Fields(articles[0].title, articles[0].published, articles[0].authors) if articles else Fields()


def peer(html: str, url: str | None) -> Fields:
    document = trafilatura.bare_extraction(html, url=url, with_metadata=True, include_comments=False)
    if document is None:
        return Fields()
    return Fields(document.title, document.date, tuple(re.split(r";\s*", document.author or "")))


READERS: dict[str, Callable[[str, str | None], Fields]] = {
    "trafilatura": peer,
    "facts": facts,
    "ours": ours,
}


def title_verdicts(found: str | None, gold: str) -> list[str]:
    if not found:
        return ["title missing"]
    have, want = words(fold(found)), words(fold(gold))
    exact = fold(found) == fold(gold)
    held = f" {' '.join(have)} ", f" {' '.join(want)} "
    loose = exact or held[0] in held[1] or held[1] in held[0]
    return [*(["title exact"] if exact else []), *(["title loose"] if loose else ["title wrong"])]


def date_verdict(found: str | None, gold: str | None) -> str:
    if gold is None:
        return "date invented" if found else "date left out"
    if not found:
        return "date missing"
    near = abs(date.fromisoformat(found[:10]) - date.fromisoformat(gold[:10])) <= DAY
    return "date right" if near else "date wrong"


def author_verdict(found: tuple[str, ...], gold: list[str]) -> str:
    have, want = {fold(name) for name in found if name}, {fold(name) for name in gold}
    if not want:
        return "authors invented" if have else "authors left out"
    if have == want:
        return "authors right"
    return "authors some" if have & want else "authors wrong" if have else "authors missing"


def verdicts(found: Fields, page: dict[str, Any], told: Container[str]) -> list[str]:
    """`told`: the fields that the page's source gives at all; of the others its gold says nothing."""
    said = title_verdicts(found.title, page["title"]) if page.get("title") else []
    if "published" in told:
        said.append(date_verdict(found.published, page.get("published")))
    if "authors" in told:
        said.append(author_verdict(found.authors, page.get("authors") or []))
    return said


GOOD = frozenset(
    ("title exact", "title loose", "date right", "date left out", "authors right", "authors left out")
)
COLUMNS = {  # verdict: the verdicts that share its pages
    "title exact": ("title loose", "title wrong", "title missing"),
    "title loose": ("title loose", "title wrong", "title missing"),
    "date right": ("date right", "date wrong", "date missing"),
    "date wrong": ("date right", "date wrong", "date missing"),
    "date invented": ("date invented", "date left out"),
    "authors right": ("authors right", "authors some", "authors wrong", "authors missing"),
    "authors some": ("authors right", "authors some", "authors wrong", "authors missing"),
    "authors wrong": ("authors right", "authors some", "authors wrong", "authors missing"),
    "authors invented": ("authors invented", "authors left out"),
}


def share(counts: Counter[str], column: str) -> float | None:
    among = sum(counts[verdict] for verdict in COLUMNS[column])
    return counts[column] / among if among else None


def half_of(site: str) -> str:
    return "ab"[hashlib.sha256(site.encode()).digest()[0] % 2]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=Path)
    parser.add_argument("--limit", type=int, help="only so many pages, spread evenly over the set")
    parser.add_argument("--half", choices=("a", "b"), help="only half of the sites")
    parser.add_argument("--no-url", action="store_true", help="do not say where a page was")
    parser.add_argument("--readers", default=",".join(READERS), help="which to run (default: %(default)s)")
    parser.add_argument("--wrong", type=Path, help="JSON Lines of the pages where facts is not right")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    with (options.pages / "pages.jsonl").open(encoding="utf-8") as rows:
        pages = [page for page in map(json.loads, rows) if options.half in (None, half_of(page["site"]))]
    told = defaultdict(set)
    for page in pages:
        told[page["source"]].update(key for key in ("published", "authors") if page.get(key))
    if options.limit:
        pages = pages[:: max(1, len(pages) // options.limit)][: options.limit]
    counts: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    seconds: Counter[str] = Counter()
    wrong: list[dict[str, object]] = []
    readers = {name: READERS[name] for name in options.readers.split(",")}
    for page in pages:
        with gzip.open(options.pages / "html" / f"{page['id']}.html.gz") as file:
            html = file.read().decode("utf-8")
        groups = (
            "all",
            page["source"],
            f"language {page['language'] if page['language'] in ('en', 'de') else 'others'}",
        )
        for name, reader in readers.items():
            started = time.perf_counter()
            found = reader(html, None if options.no_url else page["url"])
            seconds[name] += time.perf_counter() - started
            said = verdicts(found, page, told[page["source"]])
            for group in groups:
                counts[group][name].update((*said, "pages"))
            if name == "facts" and not {*said} <= GOOD:
                gold = {key: page.get(key) for key in ("id", "url", "title", "published", "authors")}
                wrong.append({"verdicts": said, "gold": gold, "found": asdict(found)})
    if options.wrong:
        options.wrong.write_text(
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in wrong), "utf-8"
        )
    titles, dates, authors = (
        "title       exact loose",
        "date        right wrong inv.",
        "authors right some wrong inv.",
    )
    print(f"{'pages':18}{'n':>5}  {'reader':12}  {titles:>24}  {dates:>30}  {authors:>32}")
    for group, named in counts.items():
        for name, count in named.items():
            cells = ["    –" if (s := share(count, column)) is None else f"{s:.3f}" for column in COLUMNS]
            print(f"{group:18}{count['pages']:5}  {name:12}" + "".join(f"{cell:>9}" for cell in cells))
    print("\nms a page: " + ", ".join(f"{n} {1000 * s / len(pages):.2f}" for n, s in seconds.items()))
    if not options.check:
        return 0
    count = counts["all"]["ours"]
    good = (
        (share(count, "title exact") or 0) >= EXACT_TITLES
        and (share(count, "date right") or 0) >= RIGHT_DATES
        and (share(count, "date invented") or 0) <= INVENTED_DATES
    )
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
