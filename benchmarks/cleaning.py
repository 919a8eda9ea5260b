"""Clean a page set with ours and with trafilatura in one run; compare the texts with the gold.

    python benchmarks/cleaning.py PAGES [--limit N] [--type article] [--check]

PAGES: a folder with pages.jsonl (one object a line: id, page_type, source, language, text = gold) and
html/<id>.html.gz (UTF-8).  Prints the mean word precision, recall and F1 by source for each cleaner,
and what a page costs as a ratio to trafilatura's extract with metadata in the same run.  Also proves
on every page that blocks and removals tile the page text.  With --check the exit status is 1 where
ours has the lower F1 over all pages.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import trafilatura

import ingest
from ingest.model import Cleaned
from ingest.vocabulary.words import SPACELESS

WORD = re.compile(f"[{SPACELESS}]|[^\\W{SPACELESS}]+")
INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")


def words(text: str) -> Counter[str]:
    return Counter(WORD.findall(INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).lower()))


def scores(predicted: str, gold: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of the bags of words."""
    have, want = words(predicted), words(gold)
    if not have or not want:
        return (float(have == want),) * 3
    same = sum((have & want).values())
    p, r = same / sum(have.values()), same / sum(want.values())
    return p, r, 2 * p * r / (p + r) if same else 0.0


def untiled(cleaned: Cleaned) -> int:
    """Characters that are in no block and no removal, or in two."""
    claims = Counter(i for a in cleaned.articles for b in a.blocks for i in range(b.start, b.end))
    claims.update(i for r in cleaned.removals for i in range(r.start, r.end))
    return sum(claims[i] != 1 for i, c in enumerate(cleaned.text) if not c.isspace())


def ours(html: str) -> str:
    cleaned = ingest.clean(html, media_type="text/html")
    if faults := untiled(cleaned):
        raise AssertionError(f"{faults} characters are not tiled")
    return "\n\n".join(article.text for article in cleaned.articles)


def peer(html: str) -> str:
    document = trafilatura.bare_extraction(html, with_metadata=True, include_comments=False)
    return (document.text or "") if document else ""


CLEANERS: dict[str, Callable[[str], str]] = {
    "trafilatura, comments off": peer,
    "ours": ours,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=Path)
    parser.add_argument("--limit", type=int, help="only so many pages, spread evenly over the set")
    parser.add_argument("--type", default="article", help="page type, or all")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    with (options.pages / "pages.jsonl").open(encoding="utf-8") as rows:
        pages = [page for page in map(json.loads, rows) if options.type in ("all", page["page_type"])]
    if options.limit:
        pages = pages[:: max(1, len(pages) // options.limit)][: options.limit]
    found: dict[str, dict[str, list[tuple[float, float, float]]]] = defaultdict(lambda: defaultdict(list))
    seconds: dict[str, float] = defaultdict(float)
    for page in pages:
        with gzip.open(options.pages / "html" / f"{page['id']}.html.gz") as file:
            html = file.read().decode("utf-8")
        for name, cleaner in CLEANERS.items():
            started = time.perf_counter()
            text = cleaner(html)
            seconds[name] += time.perf_counter() - started
            score = scores(text, page["text"])
            for group in ("all", page["source"]):
                found[group][name].append(score)
    print(f"{'pages':16}{'n':>6}  {'cleaner':28}{'P':>8}{'R':>8}{'F1':>8}")
    for group, cleaners in found.items():
        for name, values in cleaners.items():
            print(
                f"{group:16}{len(values):6}  {name:28}"
                + "".join(f"{statistics.fmean(v):8.4f}" for v in zip(*values, strict=True))
            )
    base = seconds["trafilatura, comments off"]
    print(
        "\ntime a page against trafilatura: "
        + ", ".join(f"{name} {s / base:.2f}" for name, s in seconds.items())
    )
    means = {name: statistics.fmean(v[2] for v in values) for name, values in found["all"].items()}
    return int(options.check and means["ours"] < means["trafilatura, comments off"])


if __name__ == "__main__":
    sys.exit(main())
