"""How sources are fetched."""

from __future__ import annotations

from pydantic import Field

from ingest.settings.section import Section


class Crawl(Section):
    """Settings of fetching; what belongs to one source is said in sources.toml."""

    contact: str | None = Field(
        None,
        min_length=3,
        description="Address or page by which sites reach you; it is in the user agent. Nothing is fetched without one.",
    )
    user_agent: str = Field(
        "ingest/0.1", min_length=1, description="Name under which is fetched; the contact comes behind it."
    )
    private_hosts: tuple[str, ...] = Field(
        (),
        description="Hosts (host or host:port) that may have an address which is private, loopback or link-local.",
    )
    body_bytes: int = Field(
        10_000_000, gt=0, description="Larger responses are given up, also where they unpack to more."
    )
    response_seconds: float = Field(30.0, gt=0, description="Seconds that one response may take.")
    run_seconds: float = Field(
        1800.0, gt=0, description="Seconds after which a crawl begins no further request; the next goes on."
    )
    delay: float = Field(
        1.0,
        ge=0,
        description="Seconds from the end of a response to the next request to a host, of sources that say nothing else.",
    )
    retries: int = Field(
        2,
        ge=0,
        description="Times that a request is made again at once, after 429, 5xx or a lost connection.",
    )
    longest_wait: float = Field(
        300.0,
        ge=0,
        description="A host that asks for a longer pause (Retry-After) is left to the next crawl.",
    )
    failures: int = Field(5, gt=0, description="Crawls in which an address may fail before it is given up.")
    recheck_after: float = Field(
        21_600.0,
        ge=0,
        description="Seconds after which a page is asked whether it changed, if it said how to ask (ETag, Last-Modified),",
    )
    recheck_for: float = Field(
        259_200.0, ge=0, description="and seconds after it was found until which that is done."
    )
    full_text_bytes: int = Field(
        2000, gt=0, description="A feed's entry with at least so much text is a dump of its own."
    )
    warc: bool = Field(False, description="Keep all responses as WARC files too, in the data folder.")
    look_every: float = Field(30.0, gt=0, description="Seconds between two looks at which sources are due.")
    jitter: float = Field(
        60.0,
        ge=0,
        description="Seconds by which crawls are put off at most, a tenth of the interval at most.",
    )
    stale_after: float = Field(
        120.0, gt=0, description="Seconds without a sign of life after which a crawl is taken to be dead."
    )
    alert_failures: int = Field(
        3, gt=0, description="A source is failing when so many crawls have failed one after the other;"
    )
    alert_quiet: float = Field(
        0.5, ge=0, le=1, description="quiet below this share of the least of its last 14 days;"
    )
    alert_empty: float = Field(
        0.5,
        gt=0,
        le=1,
        description="empty when this share of its newest dumps holds no article, unlike before.",
    )
