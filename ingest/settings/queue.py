"""How workers share the work."""

from __future__ import annotations

from pydantic import Field

from ingest.settings.section import Section


class Queue(Section):
    """Settings of the work that workers do over a broker."""

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
