"""Who is told of documents, and how: HTTP, streams, webhooks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ingest.settings.section import Section


class Api(Section):
    """Settings of the way in over HTTP."""

    host: str = Field("127.0.0.1", min_length=1, description="Address that it listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that it listens on; 0: any that is free.")
    body_bytes: int = Field(
        500_000_000,
        gt=0,
        description="Bytes of bodies held at once, of all requests; more are sent away (503). One dump always fits.",
    )
    token_requests: int = Field(
        6000,
        ge=0,
        description="Requests a minute with one token, a minute's worth at once; more are sent away (429). 0: no limit.",
    )
    address_requests: int = Field(
        12_000,
        ge=0,
        description="and from one address, with whatever token; behind a proxy all have the proxy's: 0 there.",
    )
    metrics: Literal["open", "token", "off"] = Field(
        "open",
        description="Who may read /metrics: whoever reaches the port, who has a token of scope read, or nobody.",
    )


class Outbox(Section):
    """Settings of telling changes on: the stream of the broker, and webhooks."""

    every: float = Field(2.0, gt=0, description="Seconds between two looks at what is new, by the beat.")
    stream: str = Field(
        "ingest:changes",
        description="Name of the broker's stream of changes; empty: there is none.",
    )
    stream_length: int = Field(
        100_000,
        gt=0,
        description="Entries that it keeps, or a few more; each is some 250 bytes of the broker's memory.",
    )
    attempts: int = Field(
        14,
        gt=0,
        description="Failures in a row after which a webhook is dead: with these pauses, half a day.",
    )
    first_pause: float = Field(
        10.0, ge=0, description="Seconds until a webhook that failed is tried again; twice as long each time,"
    )
    longest_pause: float = Field(14_400.0, ge=0, description="and at most so long.")
    response_seconds: float = Field(10.0, gt=0, description="Seconds that a webhook may take to answer.")
    private_hosts: tuple[str, ...] = Field(
        (),
        description="Hosts of webhooks (host or host:port) that may have a private, loopback or link-local address.",
    )
