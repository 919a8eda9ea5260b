"""Feeds in files: RSS and Atom through feedparser, JSON Feed 1.x (jsonfeed.org) by itself.  Nothing is fetched."""

from __future__ import annotations

import html
import io
import time
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from ingest.errors import UnusableDump
from ingest.model import Dump
from ingest.readers.container import Container

# Bytes.  Feeds are smaller, and a megabyte of hostile mark-up costs the lenient parser 5 s and 150 MB.
_LONGEST = 4_000_000


def feed_entries(stream: BinaryIO, at: Container) -> Iterator[Dump]:
    """A dump for each entry: a page of its content, title, date and authors.  Raises UnusableDump."""
    raw = stream.read(_LONGEST + 1)
    if len(raw) > _LONGEST:
        raise UnusableDump("too-large", f"a feed of more than {_LONGEST} bytes: split it")
    feed = _parsed(raw)
    if not feed.entries and feed.bozo:
        raise UnusableDump(
            "unreadable", f"a feed that cannot be read ({feed.get('bozo_exception')}): get it again"
        )
    source = _text(feed.feed, "title")
    for number, entry in enumerate(feed.entries, 1):
        contents = [part.get("value") or "" for part in entry.get("content") or [] if _is_text(part)]
        content = max(contents, key=len, default="") or _text(entry, "summary")
        kind = (entry.get("summary_detail") or {}).get("type") if not any(contents) else None
        yield _dump_of(
            at,
            number,
            content=_paragraphs(content) if kind == "text/plain" else content,
            title=_text(entry, "title"),
            url=_text(entry, "link"),
            source=source,
            published=_iso(entry.get("published_parsed")),
            authors=[_text(author, "name") for author in entry.get("authors") or []],
        )


def is_json_feed(value: object) -> bool:
    return (
        isinstance(value, dict)
        and "jsonfeed.org" in str(value.get("version"))
        and isinstance(value.get("items"), list)
    )


def json_feed_dumps(feed: Mapping[str, Any], at: Container) -> Iterator[Dump]:
    """A dump for each item of a JSON Feed."""
    for number, item in enumerate(feed["items"], 1):
        if not isinstance(item, dict):
            yield at.fault("unreadable", "an item of a JSON Feed that is no object", name=at.row(number))
            continue
        authors = item.get("authors") if isinstance(item.get("authors"), list) else []
        yield _dump_of(
            at,
            number,
            content=_text(item, "content_html")
            or _paragraphs(_text(item, "content_text") or _text(item, "summary")),
            title=_text(item, "title"),
            url=_text(item, "url") or _text(item, "external_url"),
            source=_text(feed, "title"),
            published=_text(item, "date_published"),
            authors=[_text(author, "name") for author in authors or [] if isinstance(author, dict)],
        )


def _parsed(raw: bytes) -> Any:
    import feedparser  # here: it takes a while, and few inputs are feeds

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the parser about the feed's mark-up
        try:
            # As a stream: of a string the library would ask whether it is an address.
            return feedparser.parse(io.BytesIO(raw), resolve_relative_uris=False, sanitize_html=False)
        except Exception as error:  # the lenient parser breaks on broken mark-up in ever new ways
            what = f"a feed that cannot be read ({type(error).__name__}: {error}): get it again"
            raise UnusableDump("unreadable", what[:300]) from error


def _dump_of(
    at: Container,
    number: int,
    *,
    content: str,
    title: str,
    url: str,
    source: str,
    published: str,
    authors: list[str],
) -> Dump:
    name = at.row(number)
    if not content:
        where = f": the story is at {url}" if url else ""
        return at.fault("empty", f"an entry without content{where}", name=name)
    metas = [("article:published_time", published)] + [("author", author) for author in authors]
    lines = [f'<meta name="{key}" content="{html.escape(value)}">' for key, value in metas if value]
    heading = html.escape(title, quote=False)
    page = "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html><head><meta charset="utf-8"><title>{heading}</title>',
            *lines,
            "</head><body><article>",
            *([f"<h1>{heading}</h1>"] if title else []),
            content,
            "</article></body></html>\n",
        ]
    )
    return at.dump(
        page.encode("utf-8", "replace"),
        name=name,
        url=url or None,
        source=source or None,
        media_type="text/html",
    )


def _is_text(part: Mapping[str, Any]) -> bool:
    return str(part.get("type") or "text/html").lower() in (
        "text/html",
        "application/xhtml+xml",
        "text/plain",
    )


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""


def _paragraphs(text: str) -> str:
    return "\n".join(
        f"<p>{html.escape(line.strip(), quote=False)}</p>" for line in text.splitlines() if line.strip()
    )


def _iso(moment: time.struct_time | None) -> str:
    """feedparser gives UTC."""
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", moment) if moment else ""
    except ValueError:
        return ""
