"""A cleaner small enough to be sure of, with switches for every way in which one can fail.

Articles are divided by lines of "==="; lines that begin with "#" are removed.  A line "!WORD" makes it
misbehave.  Processes of the pool load it by its dotted name.
"""

from __future__ import annotations

import hashlib
import os
import signal
import time
from pathlib import Path
from typing import Any

from ingest.errors import UnusableDump
from ingest.model import Article, Block, Cleaned, Removal, Site
from ingest.vocabulary.words import fold


def clean(payload: bytes, **_: Any) -> Cleaned:
    text = payload.decode()
    _misbehave(text)
    return cleaned_of(payload)


def slow_clean(payload: bytes, **_: Any) -> Cleaned:
    """Takes longer for some dumps than for others, so that results come out of order."""
    time.sleep(hashlib.sha256(payload).digest()[0] / 255 * 0.04)
    return clean(payload)


def cleaned_of(payload: bytes, drop: tuple[str, ...] = ("#",)) -> Cleaned:
    text, dump_id = payload.decode(), hashlib.sha256(payload).hexdigest()
    stories: list[list[Block]] = [[]]
    removals, at = [], 0
    for line in text.splitlines(keepends=True):
        start, at, bare = at, at + len(line), line.strip()
        if bare == "===":
            stories.append([])
        if bare.startswith((*drop, "===")):
            removals.append(Removal(start, start + len(line.rstrip()), bare, "other", "test", 1.0))
        elif bare:
            stories[-1].append(Block(start, start + len(line.rstrip()), "paragraph", bare))
    stories = [story for story in stories if story]
    articles = [_article(dump_id, n, len(stories), story) for n, story in enumerate(stories, 1)]
    return Cleaned(dump_id, text, tuple(articles), tuple(removals), "text/plain", "utf-8", ("bom",))


def _article(dump_id: str, part: int, parts: int, story: list[Block]) -> Article:
    return Article(
        document_id=hashlib.sha256(f"{dump_id}:{part}".encode()).hexdigest()[:32],
        part=part,
        parts=parts,
        role="primary" if part == 1 else "trailing",
        title=story[0].text[:30],
        standfirst=None,
        text="\n\n".join(block.text for block in story),
        authors=("A. Writer",),
        captions=(),
        published="2024-01-02",
        language="en",
        language_confidence=0.75,
        url=None,
        possible_mixed=None,
        blocks=tuple(story),
        evidence=() if part == 1 else ("a line of ===",),
    )


def _misbehave(text: str) -> None:
    if "!kill\n" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "!exit\n" in text:
        os._exit(3)
    if "!hang\n" in text:
        time.sleep(3600)
    if "!raise\n" in text:
        raise ValueError("not foreseen")
    if "!panic\n" in text:
        raise SystemExit("a library that exits")
    if "!binary\n" in text:
        raise UnusableDump("binary", "no text at all")
    if "!print\n" in text:
        print("noise on standard output")
    for line in text.splitlines():
        if line.startswith("!once "):  # kills its process the first time only
            mark = Path(line.removeprefix("!once "))
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)


def furnished_clean(payload: bytes, site: Site | None = None, **_: Any) -> Cleaned:
    """Removes what is known as the source's furniture, too."""
    furniture = site.furniture if site else frozenset()
    return cleaned_of(
        payload, ("#", *(line for line in payload.decode().splitlines() if fold(line) in furniture))
    )
