"""All settings together, as a command finds them.  See the package."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_dir
from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from ingest.secrets import SecretFiles
from ingest.settings.arrivals import Containers, Watch
from ingest.settings.cleaning import Cleaning
from ingest.settings.consumers import Api, Outbox
from ingest.settings.crawl import Crawl
from ingest.settings.documents import NearCopies, Sites
from ingest.settings.operating import Log, Metrics
from ingest.settings.queue import Queue


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
