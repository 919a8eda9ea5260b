"""The links in what lists pages: feeds, sitemaps, sections and plain lists.  Pure: bytes in, links out."""

from __future__ import annotations

import io
import json
import warnings
from calendar import timegm
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml.etree import LxmlError
from resiliparse.parse.html import HTMLTree
from scrapy.utils.gz import gunzip
from scrapy.utils.sitemap import Sitemap

from ingest.crawl.source import Source
from ingest.crawl.urls import address_of
from ingest.errors import UnusableDump
from ingest.model import Dump
from ingest.readers.budget import Budget
from ingest.readers.container import Container
from ingest.readers.feeds import feed_entries, is_json_feed, json_feed_dumps
from ingest.settings import Settings

_DAY_LENGTH = len("2026-11-24")


@dataclass(frozen=True, slots=True)
class Link:
    """A page, or what lists pages."""

    url: str
    changed: datetime | None = None  # when, as the listing says
    is_listing: bool = False


def links_in(source: Source, body: bytes, url: str, most_bytes: int) -> list[Link]:
    """The links of a listing of this source, each once.  Raises UnusableDump for what is no listing of its kind."""
    reader = {"feed": _feed, "sitemap": _sitemap, "section": _section, "list": _list}[source.kind]
    found = reader(source, unpacked(body, most_bytes), url)
    return list({link.url: link for link in reversed(list(found))}.values())[::-1]


def unpacked(body: bytes, most_bytes: int) -> bytes:
    """What a .gz holds; other bytes as they are.  Raises UnusableDump."""
    if body[:2] != b"\x1f\x8b":
        return body
    try:
        return gunzip(body, max_size=most_bytes)
    except (OSError, EOFError, ValueError) as error:
        raise UnusableDump("unreadable", f"cannot be unpacked: {error}") from error


def full_texts(body: bytes, source: str, url: str, settings: Settings) -> Iterator[Dump]:
    """A dump for each entry of a feed that holds enough text to be the whole story."""
    at = Container(url, source, settings.payload_bytes, settings.containers, Budget(1.0), source_given=True)
    feed = _json_feed(body)
    entries = json_feed_dumps(feed, at) if feed is not None else feed_entries(io.BytesIO(body), at)
    for dump in entries:
        if dump.payload and dump.url and len(dump.payload) >= settings.crawl.full_text_bytes:
            yield dump


def _feed(source: Source, body: bytes, url: str) -> Iterator[Link]:
    feed = _json_feed(body)
    if feed is not None:
        for item in feed["items"]:
            if isinstance(item, dict):
                changed = _moment(str(item.get("date_modified") or ""))
                yield from _page(source, str(item.get("url") or item.get("external_url") or ""), url, changed)
        return
    import feedparser

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the parser about the feed's mark-up
        try:
            parsed: Any = feedparser.parse(io.BytesIO(body), sanitize_html=False)
        except Exception as error:  # the lenient parser breaks on broken mark-up in ever new ways
            raise UnusableDump("unreadable", f"a feed that cannot be read: {error}") from error
    if not parsed.get("version"):  # which is not there where nothing is
        raise UnusableDump("unreadable", "no feed: neither RSS, Atom nor JSON Feed")
    for entry in parsed.entries:
        # Not the time of publication: most feeds have that one alone, and it says nothing of changes.
        moment = dict.get(entry, "updated_parsed")  # the library's own get would give that of publication
        changed = datetime.fromtimestamp(timegm(moment), UTC) if moment else None
        yield from _page(source, str(entry.get("link") or ""), url, changed)


def _sitemap(source: Source, body: bytes, url: str) -> Iterator[Link]:
    try:
        sitemap = Sitemap(body)
        if sitemap.type not in ("urlset", "sitemapindex"):
            raise UnusableDump("unreadable", f"no sitemap: it begins with <{sitemap.type[:40]}>")
        for entry in sitemap:
            changed = _moment(entry.get("lastmod", ""))
            if sitemap.type == "urlset":
                yield from _page(source, entry["loc"], url, changed)
            elif (child := address_of(entry["loc"], url)) and source.is_on(child):
                yield Link(child, _moment(entry.get("lastmod", ""), latest=True), is_listing=True)
    except (LxmlError, StopIteration) as error:
        raise UnusableDump("unreadable", f"no sitemap: {error}") from error


def _section(source: Source, body: bytes, url: str) -> Iterator[Link]:
    tree = HTMLTree.parse_from_bytes(body, "utf-8")
    for anchor in tree.document.query_selector_all("a[href]") if tree.document else ():
        if target := address_of(anchor.getattr("href") or "", url):
            if source.is_article(target):
                yield Link(target)
            elif source.is_section(target):
                yield Link(target, is_listing=True)


def _list(source: Source, body: bytes, url: str) -> Iterator[Link]:
    for line in body.decode("utf-8", "replace").splitlines():
        yield from _page(source, line, url, None)


def _page(source: Source, link: str, base: str, changed: datetime | None) -> Iterator[Link]:
    url = address_of(link, base) if link.strip() else None
    if url and source.may_be_page(url):
        yield Link(url, changed)


def _json_feed(body: bytes) -> dict[str, Any] | None:
    if body.lstrip()[:1] != b"{":
        return None
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if is_json_feed(value) else None


def _moment(text: str, *, latest: bool = False) -> datetime | None:
    """Of a day its beginning; its end, wherever that is, for the `latest` of what changes again and again."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if latest and len(text.strip()) <= _DAY_LENGTH:
        moment += timedelta(days=1, hours=12)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
