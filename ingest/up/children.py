"""What `ingest up` runs: the list."""

from __future__ import annotations

import errno
import socket
import sys
from pathlib import Path

from ingest.errors import UsageError
from ingest.up import messages
from ingest.up.server import Server
from ingest.up.supervisor import Child

# Seconds.  A worker stores what is finished and gives back the rest, which takes two or three on a quick disk.
_WORKER_STOPS = 20.0
_CRAWLER_STOPS = 25.0  # the requests under way are waited for

_CRAWLS = "2"  # at once

# One group after the other: what workers give back, the queue is still there to take.
STOPPED = ("resend", "worker", "crawler", "beat"), ("api",), ("queue",)


def queue(server: Server) -> Child:
    """Our own broker."""
    return Child("queue", server.command, is_ready=server.answers)


def service(broker: str, *, own: bool, host: str, port: int) -> list[Child]:
    """The service on a broker; `own`: no other worker reads it."""
    return [
        _worker(broker, own=own),
        Child("beat", _python("ingest", "beat")),
        _api(host, port),
    ]


def resend() -> Child:
    return Child("resend", _python("ingest.up.resend"), once=True)


def _worker(broker: str, *, own: bool) -> Child:
    return Child(
        "worker",
        _python("ingest", "worker"),
        # What the one before had in hand comes back at once.  On a broker that others read, nobody can tell theirs.
        before=(lambda: messages.give_back(broker)) if own else lambda: None,
        is_ready=lambda: messages.is_read(broker),
        patience=_WORKER_STOPS,
    )


def crawler() -> Child:
    """Wanted once there are sources to fetch from."""
    # Apart from those who clean: a crawl waits most of its time, and must not take their places.
    crawls = _python("ingest", "worker", "--queues", "crawl", "--concurrency", _CRAWLS)
    return Child("crawler", crawls, patience=_CRAWLER_STOPS)


def _api(host: str, port: int) -> Child:
    return Child(
        "api",
        _python("ingest", "api", "--host", host, "--port", str(port)),
        before=lambda: _must_be_free(host, port),
        is_ready=lambda: _accepts(host, port),
        address=f"http://{f'[{host}]' if ':' in host else host}:{port}",
    )


def _python(*arguments: str) -> tuple[str, ...]:
    # `-m` looks into the working folder first, where anything may lie: that is meant only in a checkout.
    in_checkout = Path(__file__).parents[2] == Path.cwd()
    return (sys.executable, *(() if in_checkout else ("-P",)), "-m", *arguments)


def _must_be_free(host: str, port: int) -> None:
    """Else whoever has the address would be taken for our API."""
    try:
        [(family, _, _, _, address), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        what = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be had ({error})"
        raise UsageError(f"the address {host}:{port} {what}: give another --port or --host") from error


def _accepts(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
