"""Main text of HTML: ours and its peers, each as its authors' documentation calls it for a whole page.

| peer | licence | kept up |
|---|---|---|
| trafilatura | Apache-2.0 | yes; ours asks it as a witness |
| rs-trafilatura | MIT or Apache-2.0 | yes, young; source only where no wheel fits (needs Rust) |
| readability-lxml | Apache-2.0 | yes |
| resiliparse | Apache-2.0 | yes; ours uses its encoding detector |
| jusText | BSD-2-Clause | rarely; comes with trafilatura |
| boilerpy3 | Apache-2.0 | last release 2023 |
| newspaper4k | MIT | yes |

Those that ours does not use anyway stay out of it: the extra `bench` is for this comparison.  The language is told
to those that ask for it; it comes from the page set, which is a help that they would not have in practice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.contest import Cleaner, Output
from benchmarks.innertext import inner_text

if TYPE_CHECKING:
    from ingest.model import Cleaned

# jusText's word lists, for the languages of page sets; others go without, which it foresees.
STOPLISTS = {
    "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "fi": "Finnish", "fr": "French", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian",
    "it": "Italian", "ko": "Korean", "nl": "Dutch", "no": "Norwegian_Bokmal", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish", "tr": "Turkish",
    "uk": "Ukrainian", "vi": "Vietnamese",
}  # fmt: skip
# newspaper4k cuts these with packages of their own; without them it takes no such page, so they go as English.
NEEDS_A_SEGMENTER = frozenset(("ar", "bn", "hi", "ja", "ko", "ne", "np", "ta", "th", "zh"))


@dataclass(frozen=True, slots=True)
class Ours:
    """Ours, with the shipped weights or those in a folder."""

    media_type: str
    weights: Path | None = None

    def __call__(self, text: str, language: str | None) -> Cleaned:
        import ingest
        from ingest.settings import Cleaning

        return ingest.clean(text, media_type=self.media_type, settings=Cleaning(weights=self.weights))


def ours_text(html: str, cleaned: Cleaned) -> Output:
    """Our text of a page: its articles' texts.  Raises where blocks and removals do not tile the page text."""
    if faults := untiled(cleaned):
        raise AssertionError(f"{faults} characters are in no block and no removal, or in two")
    return Output("\n\n".join(article.text for article in cleaned.articles))


def untiled(cleaned: Cleaned) -> int:
    """Characters that are in no block and no removal, or in two."""
    claims = Counter(i for a in cleaned.articles for b in a.blocks for i in range(b.start, b.end))
    claims.update(i for r in cleaned.removals for i in range(r.start, r.end))
    return sum(claims[i] != 1 for i, c in enumerate(cleaned.text) if not c.isspace())


def trafilatura(html: str, language: str | None) -> Any:
    from trafilatura import bare_extraction

    return bare_extraction(html, with_metadata=True)


def trafilatura_without_comments(html: str, language: str | None) -> Any:
    from trafilatura import bare_extraction

    return bare_extraction(html, with_metadata=True, include_comments=False)


def trafilatura_text(html: str, document: Any) -> Output:
    """The text as its `extract` puts it together: the comments after the body."""
    return Output(f"{document.text or ''}\n{document.comments or ''}".strip() if document else "")


def rs_trafilatura(html: str, language: str | None) -> str:
    from rs_trafilatura import extract

    return extract(html).main_content or ""


def readability(html: str, language: str | None) -> str:
    from readability import Document

    return Document(html).summary(html_partial=True)


def readability_text(html: str, summary: str) -> Output:
    """It gives HTML; its lines are those of the flat dumps."""
    return Output(inner_text(summary))


def resiliparse(html: str, language: str | None) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    return extract_plain_text(html, main_content=True, alt_texts=False)


def justext(html: str, language: str | None) -> str:
    return "\n".join(p.text for p in justext_paragraphs(html, language) if not p.is_boilerplate)


def justext_paragraphs(html: str, language: str | None) -> list[Any]:
    import justext

    if language in STOPLISTS:
        return justext.justext(html, justext.get_stoplist(STOPLISTS[language]))
    return justext.justext(html, frozenset(), stopwords_low=0, stopwords_high=0)


def boilerpy3(html: str, language: str | None) -> str:
    from boilerpy3.extractors import ArticleExtractor

    return ArticleExtractor(raise_on_failure=False).get_content(html)


def newspaper4k(html: str, language: str | None) -> str:
    from newspaper import Article

    known = language and language not in NEEDS_A_SEGMENTER
    article = Article("https://example.org/", language=language if known else "en", fetch_images=False)
    article.download(input_html=html)
    article.parse()
    return article.text


def as_it_is(html: str, text: str) -> Output:
    return Output(text)


BASE = "trafilatura"  # what speed is a ratio to
OURS = "ingest"

# Both ways to ask trafilatura: the better one is the mark.
MUST_NOT_BEAT_US = [
    Cleaner(BASE, trafilatura, trafilatura_text),
    Cleaner("trafilatura, comments off", trafilatura_without_comments, trafilatura_text),
]

_CLEANERS = {
    "trafilatura": MUST_NOT_BEAT_US,
    "rs-trafilatura": [Cleaner("rs-trafilatura", rs_trafilatura, as_it_is)],
    "readability-lxml": [Cleaner("readability-lxml", readability, readability_text)],
    "resiliparse": [Cleaner("resiliparse", resiliparse, as_it_is)],
    "justext": [Cleaner("jusText", justext, as_it_is)],
    "boilerpy3": [Cleaner("boilerpy3", boilerpy3, as_it_is)],
    "newspaper4k": [Cleaner("newspaper4k", newspaper4k, as_it_is)],
    "ingest": [Cleaner(OURS, Ours("text/html"), ours_text)],
}


def installed() -> tuple[list[Cleaner], dict[str, str | None]]:
    """The cleaners that are there, and the version of every package; None = missing."""
    versions = {package: _version(package) for package in _CLEANERS}
    return [c for package, cleaners in _CLEANERS.items() if versions[package] for c in cleaners], versions


def with_weights(cleaners: Iterable[Cleaner], weights: Path | None) -> list[Cleaner]:
    """The same cleaners, ours with these weights."""
    return [
        replace(c, clean=replace(c.clean, weights=weights)) if isinstance(c.clean, Ours) else c
        for c in cleaners
    ]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
