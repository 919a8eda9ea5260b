"""A page set: real pages with their main text as others wrote it down, the gold.

A folder with pages.jsonl, one object a line, and html/<id>.html.gz, always UTF-8.  A line needs `id`, `source`,
`page_type` and `text` (the gold, paragraphs on lines of their own); `language` (ISO 639-1), `with` and `without`
(snippets that must and must not be in a cleaned text), `site`, `title`, `optional` (paragraphs of the gold that may be kept or
not) and `seen_site` may be there.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.vocabulary.words import SPACELESS

_WORD = re.compile(f"[{SPACELESS}]|[^\\W{SPACELESS}]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class Page:
    id: str
    source: str
    site: str
    page_type: str
    language: str | None
    gold: str
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    seen_site: bool | None = None
    title: str | None = None

    @property
    def is_news(self) -> bool:
        """Whether it comes from a set of news pages alone."""
        return self.source.startswith("fundus")


def read_pages(folder: Path, page_type: str = "all", limit: int | None = None) -> list[Page]:
    """The pages of one type, or `all`; with `limit` only so many, spread evenly over the set."""
    with (folder / "pages.jsonl").open(encoding="utf-8") as rows:
        pages = [_page(json.loads(row)) for row in rows]
    pages = [page for page in pages if page_type in ("all", page.page_type)]
    return pages[:: max(1, len(pages) // limit)][:limit] if limit else pages


def _page(row: dict[str, Any]) -> Page:
    return Page(
        id=row["id"],
        source=row["source"],
        site=row.get("site") or row["id"],
        page_type=row["page_type"],
        language=row.get("language"),
        gold=row["text"],
        required=tuple(row.get("with", ())),
        forbidden=tuple(row.get("without", ())),
        optional=tuple(row.get("optional", ())),
        seen_site=row.get("seen_site"),
        title=row.get("title"),
    )


def read_html(folder: Path, page: Page) -> str:
    with gzip.open(folder / "html" / f"{page.id}.html.gz") as file:
        return file.read().decode("utf-8")


def groups(page: Page) -> list[str]:
    """The tables' rows in which a page counts."""
    found = ["all", f"source {page.source}", f"type {page.page_type}"]
    if page.source == "wcxb":
        found.append("wcxb article" if page.page_type == "article" else "wcxb other types")
        if page.seen_site is False:
            found.append("wcxb unseen site")
    if page.source == "fundus":
        language = page.language if page.language in ("en", "de") else "other languages"
        found.append(f"fundus {language}")
    return found


FOLDS = 4  # of a cross-validation, unless another number is asked for


def fold_of(site: str, folds: int) -> int:
    """Which part of a cross-validation a whole site belongs to."""
    return int(hashlib.sha256(site.encode()).hexdigest(), 16) % folds


def words(text: str, *, lower: bool = True) -> list[str]:
    """Words after NFKC without invisible characters; one a character in scripts without spaces."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return _WORD.findall(text.lower() if lower else text)


def paragraphs(text: str) -> list[str]:
    """Lines that are not blank, their white space folded."""
    return [folded for line in text.split("\n") if (folded := " ".join(line.split()))]
