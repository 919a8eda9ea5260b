"""Signs of life: a row for each process of the service, renewed while it works."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, delete, insert, select, update

from ingest.store.schema import workers
from ingest.store.values import now

ALIVE_SECONDS = 60.0  # a sign of life older than this is none

WorkerKind = Literal["worker", "beat", "api", "watch"]


@dataclass(frozen=True, slots=True)
class Worker:
    """One process of the service, at the time when it was seen last."""

    worker_id: str
    kind: WorkerKind
    host: str
    pid: int
    concurrency: int  # dumps that it cleans at once
    pipeline_version: str
    started_at: str
    seen_at: str


def this_process(kind: WorkerKind, *, concurrency: int, version: str) -> Worker:
    """Who this process is, from now on; the id is never another's, also where host and pid come again."""
    host, at = socket.gethostname(), now()
    worker_id = f"{kind}-{os.getpid()}-{secrets.token_hex(3)}@{host}"
    return Worker(worker_id[:128], kind, host, os.getpid(), concurrency, version, at, at)


def renew(connection: Connection, worker: Worker) -> None:
    """It is alive at this moment."""
    here, seen = workers.c.worker_id == worker.worker_id, {"seen_at": now()}
    if connection.execute(update(workers).where(here).values(seen)).rowcount == 0:
        connection.execute(insert(workers).values(asdict(worker) | seen))


def remove(connection: Connection, worker_id: str) -> None:
    """It has ended as it should."""
    connection.execute(delete(workers).where(workers.c.worker_id == worker_id))


def alive(connection: Connection) -> Sequence[Worker]:
    """Those that were seen lately, in the order of their start.  Hosts are taken to agree on the time."""
    asked = select(workers).where(workers.c.seen_at >= _ago(ALIVE_SECONDS))
    rows = connection.execute(asked.order_by(workers.c.started_at, workers.c.worker_id)).mappings()
    return [Worker(**row) for row in rows]


def forget(connection: Connection, seconds: float) -> None:
    """Drop the rows of those that were not seen for so long: they were killed."""
    connection.execute(delete(workers).where(workers.c.seen_at < _ago(seconds)))


def _ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(timespec="seconds")
