"""What processes say of themselves: logs, metrics."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ingest.settings.section import Section


class Log(Section):
    """How this process logs, on stderr."""

    format: Literal["auto", "json", "text"] = Field(
        "auto",
        description="One JSON object a line, or text for people. auto: JSON for worker, beat, api and watch unless stderr is a terminal.",
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        "info",
        description="What is logged, and what is graver. Commands that end by themselves log from warning on, or all at debug.",
    )


class Metrics(Section):
    """Where a worker shows its counts to Prometheus."""

    host: str = Field(
        "127.0.0.1", description="Address on which they are shown; whoever reaches it can read."
    )
    port: int = Field(0, ge=0, le=65535, description="Port on which they are shown, at /metrics; 0: nowhere.")
