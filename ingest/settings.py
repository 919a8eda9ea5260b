"""Typed settings: flags over environment over secrets over config/ over the defaults here.

The environment's names are the field's with ``INGEST_`` before it (``INGEST_STORE``,
``INGEST_CLEANING__SPLIT_AT``); an empty one is as none, for compose files and shells make such.
Secrets are files in the folder that ``INGEST_SECRETS`` names, if it names one: ``ingest_store``,
``ingest_broker``.  The file is ``default.toml`` in the folder that ``INGEST_CONFIG`` names, else in
``config/`` below the working folder.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from platformdirs import user_data_dir
from pydantic import BaseModel, ConfigDict, DirectoryPath, Field, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from ingest.secrets import SecretFiles

WEIGHTS = ("labeller-html.npz", "labeller-flat.npz", "splitter.npz")


class Cleaning(BaseModel):
    """Settings of the pure part; an argument of `ingest.clean`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    labeller: Literal["blocks", "trafilatura"] = Field(
        "blocks",
        description="Who decides what is body on HTML: ours, with trafilatura as witness where it doubts, or trafilatura's word alone.",
    )
    weights: DirectoryPath | None = Field(
        None,
        description="A folder with labeller-html.npz, labeller-flat.npz, splitter.npz or some of them, of a training of your own; else those shipped.",
    )
    body_at: float = Field(0.45, ge=0, le=1, description="From this score on a block of HTML is body.")
    flat_body_at: float = Field(
        0.15, ge=0, le=1, description="From this score on a line of flat text is body."
    )
    witness_from: float = Field(
        0.35,
        ge=0,
        description="trafilatura is asked where so large a share of the words kept is expected to be wrong; 0: always.",
    )
    witness_bytes: int = Field(
        5_000_000,
        gt=0,
        description="Pages with more mark-up than this are labelled without the witness, whose cost grows faster than the page.",
    )
    split_at: float = Field(
        0.7, ge=0, le=1, description="A further story is cut off where its score reaches this."
    )
    suspect_at: float = Field(
        0.3, ge=0, le=1, description="From this score on, a file that stays whole is marked possible_mixed."
    )

    @field_validator("weights")
    @classmethod
    def _has_some(cls, folder: Path | None) -> Path | None:
        if folder is not None and not any((folder / name).is_file() for name in WEIGHTS):
            raise ValueError(
                f"no {' and no '.join(WEIGHTS)} in {folder}: `python -m training.labeller` and `training.splitter` make them"
            )
        return folder


class NearCopies(BaseModel):
    """Settings of the near-copy index."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    similarity: float = Field(
        0.64,
        gt=0,
        le=1,
        description="Share of the smaller article's rare shingles that the other must hold to be a near-copy.",
    )
    same_numbers: float = Field(
        0.8,
        ge=0,
        le=1,
        description="and of its numbers, where both have four or more: reports from one template share fewer.",
    )
    surely: float = Field(
        0.85, gt=0, le=1, description="From this share of shingles on, numbers are not asked about."
    )
    minimum_shingles: int = Field(
        16,
        gt=0,
        description="Articles with fewer rare shingles (a quarter of them is kept) are compared for exact copies only.",
    )
    representative: Literal["first", "longest", "trusted"] = Field(
        "first",
        description="Which of several copies `--only-unique` writes: received first, longest, of the most trusted source. "
        "In the feed of changes it is the first.",
    )
    trusted: tuple[str, ...] = Field((), description="Names of sources, the most trusted first.")
    lists: Literal["store", "broker"] = Field(
        "store", description="Where it is kept who holds a rare shingle; in both cases the store decides."
    )
    remember_days: int = Field(
        0,
        ge=0,
        description="Days after which lists in the broker forget a document, twice as many at most; 0: never.",
    )


class Sites(BaseModel):
    """Settings of learning what the stories of a source repeat: its furniture."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    learn: bool = Field(
        True,
        description="Count what sources repeat, and renew what is in force. Off: what is in force stays.",
    )
    stories: int = Field(
        5,
        ge=2,
        description="A line is furniture when at least so many different stories of the source hold it,",
    )
    share: float = Field(
        0.2,
        gt=0,
        le=1,
        description="and at least this share of them: less often stand stock sentences and sub-headings.",
    )
    window: int = Field(500, ge=5, description="Dumps of a source that are counted: the newest.")


class Queue(BaseModel):
    """Settings of the work that workers do over a broker."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task_dumps: int = Field(64, ge=1, le=128, description="Dumps that one message names, at most.")
    task_seconds: float = Field(
        120.0,
        gt=0,
        description="After so long a task begins no further dump; what is left of it is sent again.",
    )
    stale_after: float = Field(
        900.0,
        gt=0,
        description="Seconds without news after which a dump is sent again: its message or its worker is lost.",
    )
    sweep_every: float = Field(60.0, gt=0, description="Seconds between two searches for such dumps.")
    memory_bytes: int = Field(
        2_000_000_000,
        gt=0,
        description="A process that cleans and holds more is killed; one that holds half as much is replaced when idle.",
    )
    process_tasks: int = Field(
        200, gt=0, description="Tasks after which a worker replaces one of its processes."
    )
    backlog: int = Field(
        100_000,
        gt=0,
        description="Dumps that may wait; while there are more, the API takes none in (429), and watched folders wait.",
    )
    cleaner: str = Field(
        "ingest.pipeline:clean", description="The function that cleans, module:function. Tests have others."
    )


class Watch(BaseModel):
    """Settings of watched folders."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    settled_after: float = Field(
        2.0,
        gt=0,
        description="Seconds without a change of size or time after which a file is taken to be whole; 2: the coarsest file times (FAT).",
    )
    rescan_every: float = Field(
        600.0,
        gt=0,
        description="Seconds after which all is looked through, for what the system did not tell: its queue of changes has an end.",
    )


class Api(BaseModel):
    """Settings of the way in over HTTP."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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


class Outbox(BaseModel):
    """Settings of telling changes on: the stream of the broker, and webhooks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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


class Containers(BaseModel):
    """Settings of archives, tables, web archives and the like: how far they are opened, and what in them is text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    members: int = Field(
        1_000_000, gt=0, description="Files read of one zip or tar; what comes after is dead with one reason."
    )
    ratio: float = Field(
        200.0,
        ge=1,
        description="Bytes that a container may unpack to, for each of its own; the first 100 MB are free.",
    )
    spool_bytes: int = Field(
        4_000_000_000,
        gt=0,
        description="Largest zip or Parquet file that is copied to the temporary folder, for it cannot be read in one pass.",
    )
    text_fields: tuple[str, ...] = Field(
        ("html", "raw_html", "content_html", "text", "content", "body"),
        min_length=1,
        description="Names of the field with the dump in JSON, CSV and Parquet; the first that holds something.",
    )
    url_fields: tuple[str, ...] = Field(
        ("url", "link", "uri"), description="Names of the field with its address."
    )
    source_fields: tuple[str, ...] = Field(
        ("source", "site", "publisher"), description="Names of the field that says where it came from."
    )
    id_fields: tuple[str, ...] = Field(
        ("id", "_id", "guid"), description="Names of the field with its id, which is shown in its name."
    )
    media_type_fields: tuple[str, ...] = Field(
        ("media_type", "content_type", "mime_type"),
        description="Names of the field with its media type; else the name of the text field says html, or the text is sniffed.",
    )


class Crawl(BaseModel):
    """Settings of fetching; what belongs to one source is said in sources.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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


class Log(BaseModel):
    """How this process logs, on stderr."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["auto", "json", "text"] = Field(
        "auto",
        description="One JSON object a line, or text for people. auto: JSON for worker, beat, api and watch unless stderr is a terminal.",
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        "info",
        description="What is logged, and what is graver. Commands that end by themselves log from warning on, or all at debug.",
    )


class Metrics(BaseModel):
    """Where a worker shows its counts to Prometheus."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(
        "127.0.0.1", description="Address on which they are shown; whoever reaches it can read."
    )
    port: int = Field(0, ge=0, le=65535, description="Port on which they are shown, at /metrics; 0: nowhere.")


class Settings(BaseSettings):
    """Settings of everything that does I/O."""

    model_config = SettingsConfigDict(
        env_prefix="INGEST_", env_nested_delimiter="__", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    data: Path = Field(
        default_factory=lambda: Path(user_data_dir("ingest", appauthor=False)),
        description="Folder of the store and everything else that is kept.",
    )
    store: str | None = Field(
        None,
        description="URL of the store, sqlite:///PATH or postgresql+psycopg://…; default: SQLite in the data folder.",
    )
    payloads: str | None = Field(
        None,
        description="Folder or fsspec URL of the payloads that are too large for the store; default: in the data folder.",
    )
    inline_bytes: int = Field(
        1_000_000, ge=0, description="Payloads of up to so many bytes are in the store itself."
    )
    broker: str | None = Field(
        None, description="URL of the broker that workers share: redis://HOST:PORT/0. Without one, no queue."
    )
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1, gt=0, description="Processes that clean."
    )
    batch: int = Field(64, gt=0, le=10_000, description="Dumps stored in one transaction.")
    payload_bytes: int = Field(
        20_000_000, gt=0, description="Larger dumps are dead with the reason too-large."
    )
    time_limit: float = Field(
        60.0, gt=0, description="Seconds that one dump may take before its process is killed."
    )
    attempts: int = Field(3, gt=0, description="Tries before a dump that kills its process is dead.")
    cleaning: Cleaning = Cleaning()
    near_copies: NearCopies = NearCopies()
    sites: Sites = Sites()
    queue: Queue = Queue()
    watch: Watch = Watch()
    api: Api = Api()
    outbox: Outbox = Outbox()
    containers: Containers = Containers()
    crawl: Crawl = Crawl()
    log: Log = Log()
    metrics: Metrics = Metrics()

    @property
    def store_url(self) -> str:
        return self.store or f"sqlite:///{self.data / 'ingest.sqlite'}"

    @property
    def payloads_url(self) -> str:
        return self.payloads or str(self.data / "payloads")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = Path(os.environ.get("INGEST_CONFIG") or "config") / "default.toml"
        secrets = SecretFiles(settings_cls, os.environ.get("INGEST_SECRETS") or None)
        return init_settings, env_settings, secrets, TomlConfigSettingsSource(settings_cls, file)
