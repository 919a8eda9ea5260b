"""Showing what a worker counts, over HTTP, from its main process."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server, values
from prometheus_client.multiprocess import MultiProcessCollector

from ingest.errors import UsageError
from ingest.settings import Metrics
from ingest.telemetry.folder import counting_folder

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own; read at each fork


@contextmanager
def shown(metrics: Metrics, place: Callable[[], int | str]) -> Iterator[None]:
    """While active, the counts of this process and of those that it forks are shown at the port, if there is one.

    Each process counts in a file of its own, in a temporary folder.  `place` names the process among those that live; one that takes the place of another
    goes on with its file.  So the number of files is bounded, however many processes come and go, and no count is
    lost with one.

    To be entered before `ingest.telemetry.counts` is loaded.  Raises UsageError where the port cannot be had.
    """
    if not metrics.port:
        yield
        return
    if "ingest.telemetry.counts" in sys.modules:
        raise RuntimeError("counts that exist already would not be shown")
    with counting_folder() as folder:
        os.environ[_FOLDER] = str(folder)
        before = values.ValueClass
        values.ValueClass = values.MultiProcessValue(place)  # type: ignore[no-untyped-call]
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]
        try:
            with _served(metrics, registry):
                yield
        finally:
            values.ValueClass = before
            del os.environ[_FOLDER]


@contextmanager
def _served(metrics: Metrics, registry: CollectorRegistry) -> Iterator[None]:
    try:
        server, thread = start_http_server(metrics.port, metrics.host, registry)
    except OSError as error:
        raise UsageError(
            f"metrics cannot be shown at {metrics.host}:{metrics.port}: {error}: choose another --metrics-port"
        ) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
