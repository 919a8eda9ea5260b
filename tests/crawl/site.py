"""A small news site on the loopback, with all that makes a crawler's life hard; it keeps a log of what was asked."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

import brotli
import pytest

_ENDS = ("", "s", "ing", "ed", "er", "ly", "less", "wards", "craft", "side", "keeper", "line")

Headers = dict[str, str]
Answer = tuple[int, Headers, bytes | list[bytes]]  # a list: its parts come slowly

_WORDS = [
    "harbour",
    "council",
    "winter",
    "storm",
    "pier",
    "engineers",
    "wooden",
    "bridge",
    "fishermen",
    "vote",
    "budget",
    "mayor",
    "spring",
    "repair",
    "concrete",
    "tide",
    "survey",
    "island",
    "ferry",
    "school",
    "market",
    "river",
    "quarry",
    "railway",
    "festival",
    "museum",
    "orchard",
    "lighthouse",
]


_PART = 0.2  # seconds between two of them


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    began: float  # seconds, of one clock
    ended: float
    host: str
    path: str
    status: int
    sent: int  # bytes on the wire
    agent: str
    encoding: str | None


@dataclass
class Site:
    """Pages by path; `answers` go before those that it makes itself."""

    host: str
    stories: int = 12
    robots: str = "User-agent: *\nDisallow: /secret/\n"
    answers: dict[str, Callable[[Headers], Answer]] = field(default_factory=dict)
    versions: Counter[int] = field(default_factory=Counter)  # of stories that were changed
    pages: Sequence[bytes] = ()  # real ones in UTF-8 instead of made-up stories
    moved: Container[int] = ()  # stories that lists name by an address which they had before
    log: list[Asked] = field(default_factory=list)
    port: int = 0
    times: Counter[str] = field(default_factory=Counter)
    troubles: dict[str, Callable[[], Answer]] = field(default_factory=dict)  # first answers, once each

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def paths(self) -> list[str]:
        return [asked.path for asked in self.log]

    def sent(self) -> int:
        return sum(asked.sent for asked in self.log)

    @staticmethod
    def words(number: int) -> str:
        """Different ones for each number: no story is a copy of another.  Two lines of one, then paragraphs."""
        chance = Random(number)  # noqa: S311
        words = [f"{chance.choice(_WORDS)}{chance.choice(_ENDS)}" for _ in range(1200)]
        paragraphs = (" ".join(words[k : k + 60]).capitalize() + "." for k in range(0, len(words), 60))
        return "\n".join([*words[:2], *paragraphs])

    def story(self, number: int) -> bytes:
        if self.pages:
            return self.pages[number - 1] + b"<!-- corrected -->" * self.versions[number]
        first, second, *paragraphs = self.words(number).splitlines()
        more = f"<p>Corrected {self.versions[number]} times since.</p>" if self.versions[number] else ""
        return (
            f"<!DOCTYPE html><html><head><title>Story {number} – Tidings</title></head><body><article>"
            f"<h1>The {first} of {second} number {number}</h1>"
            + "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
            + f"{more}</article></body></html>"
        ).encode()

    def answer(self, path: str, headers: Headers) -> Answer:
        self.times[path] += 1
        if path in self.troubles:
            return self.troubles.pop(path)()
        if path in self.answers:
            return self.answers[path](headers)
        if path == "/robots.txt":
            return 200, {"Content-Type": "text/plain"}, self.robots.encode()
        if path == "/feed.xml":
            return self.validated(headers, self.feed(), "application/rss+xml")
        if path == "/sitemap_index.xml":
            children = "".join(
                f"<sitemap><loc>{self.url}/{c}</loc></sitemap>" for c in ("map-1.xml", "map-2.xml.gz")
            )
            return 200, {"Content-Type": "application/xml"}, _xml("sitemapindex", children)
        if path in ("/map-1.xml", "/map-2.xml.gz"):
            half = self.stories // 2
            numbers = range(1, half + 1) if path == "/map-1.xml" else range(half + 1, self.stories + 1)
            body = _xml(
                "urlset",
                "".join(f"<url><loc>{self.url}{self.listed(n)}?utm_source=map</loc></url>" for n in numbers),
            )
            packed = path.endswith(".gz")
            kind = "application/gzip" if packed else "application/xml"
            return self.validated(headers, gzip.compress(body, mtime=0) if packed else body, kind)
        if path.startswith("/news/") and (number := int(path.removeprefix("/news/"))) <= self.stories:
            return self._story(number, headers)
        if path.startswith("/old/"):
            return 301, {"Location": f"/news/{path.removeprefix('/old/')}"}, b""
        if path.startswith("/calendar/"):
            month = int(path.removeprefix("/calendar/"))
            links = f'<a href="/calendar/{month + 1}">next</a> <a href="/news/{month % self.stories + 1}">a story</a>'
            return 200, {"Content-Type": "text/html"}, f"<html><body>{links}</body></html>".encode()
        return 404, {"Content-Type": "text/html"}, b"<p>not here</p>"

    def listed(self, number: int) -> str:
        return f"/{'old' if number in self.moved else 'news'}/{number}"

    def feed(self, full: bool = False) -> bytes:
        items = "".join(
            f"<item><title>Story {n}</title><link>{self.url}/news/{n}?utm_medium=rss</link>"
            + (f"<content:encoded><![CDATA[{self.story(n).decode()}]]></content:encoded>" if full else "")
            + "</item>"
            for n in range(1, self.stories + 1)
        )
        return (
            '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
            f"<channel><title>Tidings</title>{items}</channel></rss>"
        ).encode()

    def said(self, number: int) -> tuple[bytes, str]:
        """A story's bytes and their type; of real pages two in seven are sent with a charset that is not theirs."""
        story = self.story(number)
        if self.pages and number % 7 == 0:
            return story, "text/html; charset=iso-8859-1"
        if self.pages and number % 7 == 3:
            story = story.decode().encode("cp1252", "xmlcharrefreplace")
        return story, "text/html; charset=utf-8"

    def _story(self, number: int, headers: Headers) -> Answer:
        status, said, body = self.validated(headers, *self.said(number))
        if status == 200 and number % 3 == 0:
            return status, {**said, "Content-Encoding": "gzip"}, gzip.compress(body, mtime=0)
        if status == 200 and number % 3 == 1:
            return status, {**said, "Content-Encoding": "br"}, brotli.compress(body, quality=4)
        return status, said, body

    @staticmethod
    def validated(headers: Headers, body: bytes, media_type: str) -> tuple[int, Headers, bytes]:
        tag = f'"{hash(body):x}"'
        if headers.get("If-None-Match") == tag:
            return 304, {"ETag": tag}, b""
        return 200, {"Content-Type": media_type, "ETag": tag}, body


def once(first: Answer, then: Answer) -> Callable[[Headers], Answer]:
    """The first answer, and another one from then on."""
    left = [first]
    return lambda headers: left.pop() if left else then


@pytest.fixture
def site() -> Iterator[Site]:
    yield from serving(Site("127.0.0.1"))


def serving(site: Site) -> Iterator[Site]:
    server = _Server((site.host, 0), _handler_of(site))
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield site
    server.shutdown()
    server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that leave in the middle are part of the game."""


def _handler_of(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            began = time.monotonic()
            path = self.path.partition("?")[0]
            status, headers, body = site.answer(path, dict(self.headers))
            head = b"".join(f"{name}: {value}\r\n".encode() for name, value in headers.items())
            parts = [body] if isinstance(body, bytes) else body
            if "Content-Length" not in headers:
                head += b"Content-Length: %d\r\n" % sum(map(len, parts))
            whole = b"HTTP/1.1 %d Said\r\n%s\r\n%s" % (status, head, parts[0])
            with suppress(OSError):
                self.wfile.write(whole)
                for part in parts[1:]:
                    time.sleep(_PART)
                    self.wfile.write(part)
            agent, encoding = self.headers["User-Agent"], headers.get("Content-Encoding")
            asked = (began, time.monotonic(), site.host, path, status, len(whole), agent, encoding)
            site.log.append(Asked(*asked))
            if "Content-Length" in headers:  # a lie: the connection ends here
                self.close_connection = True
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, *_: object) -> None:
            """What was asked is in the site's log."""

    return Handler


def _xml(root: str, content: str) -> bytes:
    return f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{content}</{root}>'.encode()
