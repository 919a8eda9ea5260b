"""What a source is, and reading config/sources.toml."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ingest.crawl.cron import Cron
from ingest.crawl.urls import address_of
from ingest.errors import UsageError
from ingest.redaction import redacted

Kind = Literal["feed", "sitemap", "section", "list"]

_NAME = re.compile(r"[\w.-]{1,100}")


class Source(BaseModel):
    """Where dumps are fetched from, when, and how far."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="What its dumps have as their source.")
    kind: Kind = Field(
        description="feed: RSS, Atom, JSON Feed. sitemap: also an index. section: pages with links. list: pages."
    )
    urls: tuple[str, ...] = Field(
        min_length=1,
        description="Feeds, sitemaps or sections to begin with; of a list, the pages themselves.",
    )
    every: float | None = Field(None, gt=0, description="Minutes between two crawls. Without a schedule: 60.")
    cron: str | None = Field(None, description="Instead: minute hour day month weekday, in UTC.")
    language: str | None = Field(
        None, pattern="^[a-z]{2}$", description="What it is written in, ISO 639-1; asked for in the request."
    )
    hosts: tuple[str, ...] = Field(
        (), description="Hosts that may be fetched from, with those below them. Else those of its urls."
    )
    paths: tuple[str, ...] = Field(
        (), description="Patterns (search in path and query) one of which a page must meet. Else all."
    )
    articles: tuple[str, ...] = Field((), description="Of a section: patterns of the links to pages.")
    follow: tuple[str, ...] = Field(
        (), description="Of a section: patterns of the links to further sections."
    )
    depth: int = Field(
        2, ge=0, le=20, description="Steps from its urls to a section or sitemap that is read."
    )
    pages: int = Field(1000, gt=0, description="Requests of one crawl, at most.")
    delay: float | None = Field(
        None,
        ge=0,
        description="Seconds from the end of a response to the next request to a host. Else crawl.delay.",
    )
    adaptive: bool = Field(True, description="Wait longer where the host is slow.")
    user_agent: str | None = Field(None, description="Instead of the setting crawl.user_agent.")
    full_text: bool = Field(
        True, description="Of a feed: entries with their full text are dumps of their own."
    )
    enabled: bool = Field(True, description="Whether it is crawled by the schedule.")

    @field_validator("name")
    @classmethod
    def _is_name(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError("letters, digits, '.', '_' and '-', at most 100")
        return name

    @field_validator("urls")
    @classmethod
    def _are_addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        found = tuple(address_of(url) for url in urls)
        for url, address in zip(urls, found, strict=True):
            if address is None:
                raise ValueError(f"{redacted(url)!r} is no http or https address without a password")
        return tuple(address for address in found if address)

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, cron: str | None) -> str | None:
        if cron is not None:
            Cron(cron)
        return cron

    @field_validator("paths", "articles", "follow")
    @classmethod
    def _are_patterns(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no pattern: {error}") from error
        return patterns

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.every and self.cron:
            raise ValueError("every and cron: one of them says when")
        if self.kind == "section" and not self.articles:
            raise ValueError("a section needs articles: patterns of the links to pages")
        return self

    @cached_property
    def domains(self) -> tuple[str, ...]:
        """Hosts that may be fetched from, with those below them."""
        hosts = self.hosts or tuple(urlsplit(url).hostname or "" for url in self.urls)
        return tuple(dict.fromkeys(host.lower().removeprefix("www.") for host in hosts))

    def is_on(self, url: str) -> bool:
        """Whether its host is one of the source's."""
        host = urlsplit(url).hostname or ""
        return any(host == domain or host.endswith(f".{domain}") for domain in self.domains)

    def may_be_page(self, url: str) -> bool:
        return self.is_on(url) and (not self.paths or _meets(url, self.paths))

    def is_article(self, url: str) -> bool:
        """Of a link on a section."""
        return self.may_be_page(url) and _meets(url, self.articles)

    def is_section(self, url: str) -> bool:
        return self.is_on(url) and _meets(url, self.follow)


def source_of(name: str, definition: Mapping[str, Any]) -> Source:
    """Raises UsageError that names what is wrong."""
    try:
        return Source(name=name, **definition)
    except (ValidationError, TypeError) as error:
        wrong = str(error)
        if isinstance(error, ValidationError):
            wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'all'}: {e['msg']}" for e in error.errors())
        raise UsageError(f"the source {name!r} is not right: {wrong}") from error


def definition_of(source: Source) -> dict[str, Any]:
    """What of the source is said, and not by default."""
    return source.model_dump(mode="json", exclude={"name"}, exclude_defaults=True)


def file_of_sources() -> Path:
    return Path(os.environ.get("INGEST_CONFIG") or "config") / "sources.toml"


def read_sources(file: Path) -> list[Source]:
    """The sources of the file; none where it is missing.  Raises UsageError."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
    wrong = [name for name, table in tables.items() if not isinstance(table, dict)]
    if wrong:
        raise UsageError(f"{file}: {wrong[0]!r} stands outside of a [source]")
    return [source_of(name, table) for name, table in tables.items()]


def _meets(url: str, patterns: tuple[str, ...]) -> bool:
    parts = urlsplit(url)
    where = parts.path + (f"?{parts.query}" if parts.query else "")
    return any(re.search(pattern, where) for pattern in patterns)
