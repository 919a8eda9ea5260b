"""Flat files of several stories with known boundaries, and of one story, from a page set.

raw    dumps of whole pages, one behind the other, with their furniture
head   clean bodies under their titles, with captions, bylines, kickers, repeats, runs of related titles
para   clean bodies, a blank line between all paragraphs        near   so, of stories close in topic
sent   clean bodies, one sentence a line                        nearh  like head, close in topic

`neg_…` files hold one story of that look; `neg_live` is a live blog, `neg_page` a page of another type: a forum, a
listing, a product.  Stories are set apart as the paragraphs of their file are, so that gaps tell nothing.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random

import numpy as np

from benchmarks.innertext import inner_text
from benchmarks.pageset import Page, paragraphs, read_html, read_pages, words

RENDERINGS = {"raw": "raw", "head": "head", "para": "para", "sent": "sent", "near": "para", "nearh": "head"}
PAGE_LINES = 400  # of a page that is no article; longer ones would outweigh the rest
MINIMUM_PARAGRAPHS, MINIMUM_WORDS, MAXIMUM_WORDS = 4, 80, 2000  # of a story; longer ones stand alone
SHORT_PARAGRAPHS = 2, 4  # of a story that is told short, at least and at most
COPY_SIMILARITY = 0.7  # cosine from which two stories count as copies
_BUCKETS = 1 << 14
_SENTENCE_END = re.compile(r"""([.!?…]["”’»)]*)\s+(?=["“‘«„(]?[A-Z0-9À-ÞĀ-ŽА-Я])|([。！？][」』”）]*)""")
_KICKERS = ("World", "Politics", "News", "Analysis", "Sport", "Business", "Opinion", "Culture", "Local")
_BELOW = (
    "By Staff Writer", "2 min read", "5 minute read", "Updated 3 hours ago", "12 March 2019", "Share this story",
    "Published: 2 May 2021 10:15", "Listen to article", "3 Comments",
)  # fmt: skip
_RELATED = ("Related stories", "Read also", "More on this", "Most read", "You may also like", "Trending")


@dataclass(frozen=True, slots=True)
class Mix:
    """A file: `bounds` are the numbers of the lines that open a further story."""

    id: str
    level: str
    lines: tuple[str, ...]
    bounds: tuple[int, ...]
    site: str  # of its first story
    news: bool  # all of it from a set of news pages


@dataclass(frozen=True, slots=True)
class Source:
    """An article as it can be told again."""

    page: Page
    title: str
    body: tuple[str, ...]
    size: int  # words
    dump: (
        tuple[tuple[str, ...], int, int] | None
    )  # lines of the page, numbers of its title and of its last body line


def sources_of(folder: Path, keep: Callable[[Page], bool] = lambda page: True) -> list[Source]:
    """The articles of a page set that are long enough, in its order."""
    found = []
    for page in read_pages(folder, "article"):
        if not keep(page):
            continue
        title, body = " ".join((page.title or "").split()), paragraphs(page.gold)
        if body and title and words(body[0]) == words(title):
            body = body[1:]
        size = len(words("\n".join(body)))
        if title and len(body) >= MINIMUM_PARAGRAPHS and size >= MINIMUM_WORDS:
            dump = _dump(read_html(folder, page), title, body)
            found.append(Source(page, title, tuple(body), size, dump))
    return found


def _dump(html: str, title: str, body: Sequence[str]) -> tuple[tuple[str, ...], int, int] | None:
    """None where title or body are not found in the page's lines."""
    lines = [" ".join(line.split()) for line in inner_text(html).split("\n")]
    said, title_words = f" {' '.join(words(' '.join(body)))} ", set(words(title))
    hits = [i for i, line in enumerate(lines) if len(line) >= 40 and " ".join(words(line))[:200] in said]
    if len(hits) < 3 or len(title_words) < 3:
        return None
    for i in range(max(0, hits[0] - 60), hits[0]):
        found = set(words(lines[i]))
        if found and len(found & title_words) >= 0.7 * len(found | title_words):
            return tuple(lines), i, hits[-1]
    return None


def mixes(
    sources: Sequence[Source], each: int, seed: int, short: float = 0, headed: float = 0
) -> Iterator[Mix]:
    """`each` files a level of stories in one language, and every story alone in every look.  Seeded.

    `short`: the share of mixed stories of which only the first paragraphs are told; `headed`: of all stories that get
    headings over parts as long as a short story.
    """
    random = Random(seed)  # noqa: S311
    titles = [source.title for source in sources]
    for level, look in RENDERINGS.items():
        pools = _pools(sources, look, similar=level.startswith("near"))
        weights = [len(pool) for pool, _ in pools]
        for n in range(each if pools else 0):
            pool, near = random.choices(pools, weights)[0]
            count = min(len(pool) // 2, random.choices((2, 3, 4), (6, 3, 1))[0])
            chosen = (
                _neighbours(pool, near, count, random) if near is not None else random.sample(pool, count)
            )
            told = [sources[i] for i in chosen]
            yield _mixed(told, look, random, f"{level}-{n}", level, titles, short, headed)
    for n, source in enumerate(sources):
        for look in ("raw", "head", "para", "sent"):
            if look != "raw" or source.dump:
                yield _mixed([source], look, random, f"neg_{look}-{n}", f"neg_{look}", titles, headed=headed)
        if not n % 3:
            yield _live_blog(source, random, f"neg_live-{n}")


def other_pages(folder: Path, keep: Callable[[Page], bool] = lambda page: True) -> Iterator[Mix]:
    """Pages that are no articles, as flat dumps: a thread or a list is one thing."""
    for page in read_pages(folder):
        if page.page_type != "article" and keep(page):
            lines = tuple(inner_text(read_html(folder, page)).split("\n"))
            if len(lines) <= PAGE_LINES:
                yield Mix(f"neg_page-{page.id}", "neg_page", lines, (), page.site, page.is_news)


def _pools(
    sources: Sequence[Source], look: str, *, similar: bool
) -> list[tuple[list[int], np.ndarray | None]]:
    """By language the sources that can be mixed, and how similar each two are where that is asked."""
    by_language: dict[str | None, list[int]] = {}
    for i, source in enumerate(sources):
        if source.size <= MAXIMUM_WORDS and (look != "raw" or source.dump):
            by_language.setdefault(source.page.language, []).append(i)
    pools = [pool for pool in by_language.values() if len(pool) >= 8]
    return [(pool, _similarities([sources[i] for i in pool]) if similar else None) for pool in pools]


def _similarities(sources: Sequence[Source]) -> np.ndarray:
    counts = np.zeros((len(sources), _BUCKETS), np.float32)
    for row, source in zip(counts, sources, strict=True):
        for word in words(" ".join(source.body)):
            row[zlib.crc32(word.encode()) % _BUCKETS] += 1
    weights = np.log1p(counts) * np.log(len(sources) / np.maximum(1, (counts > 0).sum(0)))
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    return weights @ weights.T


def _neighbours(pool: Sequence[int], near: np.ndarray, count: int, random: Random) -> list[int]:
    """Each is one of the two nearest to the one before it."""
    chosen = [random.randrange(len(pool))]
    while len(chosen) < count:
        order = np.argsort(-near[chosen[-1]], kind="stable").tolist()
        free = [i for i in order if i not in chosen and near[chosen[-1], i] < COPY_SIMILARITY]
        chosen.append(random.choice(free[:2]))
    return [pool[i] for i in chosen]


@dataclass(frozen=True, slots=True)
class _Look:
    """How the stories of one file are dressed."""

    blank: bool
    caption: bool
    kicker: bool
    repeat: bool
    twice: bool  # title and caption again, behind a mark
    lines: int  # of _BELOW, at most
    related: bool


def _mixed(
    sources: Sequence[Source],
    kind: str,
    random: Random,
    id: str,
    level: str,
    titles: Sequence[str],
    short: float = 0,
    headed: float = 0,
) -> Mix:
    look = _Look(
        blank=kind != "head" or random.random() < 0.6,
        caption=random.random() < 0.6,
        kicker=random.random() < 0.12,
        repeat=random.random() < 0.35,
        twice=random.random() < 0.4,
        lines=random.choice((0, 0, 1, 1, 2)),
        related=random.random() < 0.15,
    )
    lines: list[str] = []
    bounds = []
    for n, source in enumerate(sources):
        last = n == len(sources) - 1
        if short and random.random() < short:
            source = replace(source, body=source.body[: random.randint(*SHORT_PARAGRAPHS)])
        elif headed and random.random() < headed:
            source = replace(source, body=_headed(source.body, random))
        part = _story(source, kind, random, look, first=not n, last=last)
        if kind == "head" and look.related and random.random() < 0.5:
            gap = [""] if look.blank else []
            run = [random.choice(_RELATED), *random.sample(titles, min(len(titles), random.randint(3, 7)))]
            part += [line for title in run for line in (*gap, title)]
        if n:
            lines += [""] if kind != "sent" and look.blank else []
            bounds.append(len(lines))
        lines += part
    news = all(source.page.is_news for source in sources)
    return Mix(id, level, tuple(lines), tuple(bounds), sources[0].page.site, news)


def _story(source: Source, kind: str, random: Random, look: _Look, *, first: bool, last: bool) -> list[str]:
    if kind == "raw":
        assert source.dump is not None
        lines, title, end = source.dump
        start = title if not first else 0 if random.random() < 0.5 else max(0, title - random.randint(0, 15))
        return _trimmed(lines[start : end + 1 + random.randint(0, 40 if last else 14)])
    body = list(source.body)
    if random.random() < 0.12:  # cut short, as dumps are
        body = body[: max(MINIMUM_PARAGRAPHS, random.randint(len(body) // 2, len(body)))]
    if kind == "sent":
        return [sentence for paragraph in body for sentence in sentences(paragraph)]
    gap = [""] if look.blank else []
    told = [line for paragraph in body for line in (paragraph, *gap)]
    if kind == "para":
        return _trimmed(told)
    extra = [_caption(source, random)] * (2 if look.repeat else 1) if look.caption else []
    extra += random.sample(_BELOW, random.randint(0, look.lines))
    top = [line for text in (source.title, *extra) for line in (text, *gap)]
    over = [random.choice(_KICKERS), *gap] if look.kicker else []
    again = [random.choice(("TT", "–", "Photo")), *gap, *top] if look.repeat and look.twice else []
    return _trimmed(over + top + again + told)


def _headed(body: Sequence[str], random: Random) -> tuple[str, ...]:
    """With headings, a few words of theirs, over all parts but the first."""
    told: list[str] = []
    at = 0
    while at < len(body):
        part = body[at : at + random.randint(*SHORT_PARAGRAPHS)]
        clauses = [clause.split() for paragraph in part for clause in re.split("[,;.:?!]", paragraph)]
        fitting = [clause for clause in clauses if len(clause) > 1]
        if at and fitting:
            heading = " ".join(random.choice(fitting)[: random.randint(2, 7)])
            told.append(heading[:1].upper() + heading[1:])
        told += part
        at += len(part)
    return tuple(told)


def sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph."""
    cut = _SENTENCE_END.sub(lambda found: found[0].rstrip() + "\n", paragraph)
    return [sentence for line in cut.split("\n") if (sentence := line.strip())]


def _caption(source: Source, random: Random) -> str:
    """A clause of the body, some with a credit."""
    clauses = [part.strip() for text in source.body[1:6] for part in re.split("[,;.]", text)]
    fitting = [clause for clause in clauses if 5 <= len(clause.split()) <= 14]
    text = random.choice(fitting) if fitting else source.title
    return (
        text[:1].upper() + text[1:] + random.choice(("", " (Reuters)", " [Getty]", " (File photo)", " / AFP"))
    )


def _live_blog(source: Source, random: Random, id: str) -> Mix:
    lines, minute = [source.title, ""], random.randint(360, 1200)
    for n, paragraph in enumerate(source.body):
        if not n % random.choice((2, 3)):
            minute += random.randint(3, 40)
            entry = " ".join(paragraph.split()[: random.randint(5, 9)]).strip(",.;:")
            lines += [f"{minute // 60 % 24:02d}:{minute % 60:02d} GMT", entry, ""]
        lines += [paragraph, ""]
    return Mix(id, "neg_live", tuple(_trimmed(lines)), (), source.page.site, source.page.is_news)


def _trimmed(lines: Sequence[str]) -> list[str]:
    said = [i for i, line in enumerate(lines) if line]
    return list(lines[said[0] : said[-1] + 1]) if said else []


def in_fold(fold: int, folds: int, page: Page) -> bool:
    from benchmarks.pageset import fold_of

    return fold_of(page.site, folds) == fold


def mixes_of_fold(
    folder: Path, fold: int, *, folds: int, each: int, seed: int, short: float = 0, headed: float = 0
) -> list[Mix]:
    """Everything that can be made of one fold's sites."""
    keep = partial(in_fold, fold, folds)
    return [*mixes(sources_of(folder, keep), each, seed, short, headed), *other_pages(folder, keep)]
