"""Running the API, and asking whether one runs."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException

import uvicorn

from ingest.api.app import make_app
from ingest.collector import spare_what_is_loaded
from ingest.errors import UsageError
from ingest.settings import Settings
from ingest.store.opening import opened
from ingest.store.tokens import create_first
from ingest.store.transactions import writing
from ingest.store.workers import this_process
from ingest.telemetry import logs
from ingest.telemetry.heart import beating

_GRACE_SECONDS = 10  # for answers that are being made when it is told to stop
_BACKLOG = 128  # connections that wait to be accepted
_COLLECTED_AFTER = 10_000  # objects: a page of documents is a thousand dicts and lists
_ANSWER_SECONDS = 5.0


def run_api(settings: Settings, say: Callable[[str], None]) -> None:
    """Serve until told to stop (SIGTERM, Ctrl-C).  The address, and the first admin token ever, are said.

    Raises UsageError where no broker is set or the address cannot be had, Unavailable where the store cannot
    be opened.
    """
    app = make_app(settings)
    with closing(_listening(settings.api.host, settings.api.port)) as listener:
        with opened(settings) as engine, writing(engine) as connection:
            token = create_first(connection)
        me = this_process("api", concurrency=0, version="")  # it cleans nothing
        logs.configure(settings.log, service=True, worker=me.worker_id)
        if token:
            say(f"admin token, shown this once: {token}")
        say(f"listening on {_address(listener)}")
        config = uvicorn.Config(
            app,
            http="h11",
            loop="asyncio",
            ws="none",
            lifespan="on",
            log_config=None,  # what uvicorn has to say goes where everything else of this process goes
            access_log=False,  # addresses of pages are the callers' own
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        spare_what_is_loaded(_COLLECTED_AFTER)
        with _stopping_in_order(), beating(settings.store_url, me):
            uvicorn.Server(config).run(sockets=[listener])


def is_alive(settings: Settings) -> bool:
    """Whether an API answers at the address of these settings."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.api.host, settings.api.host)  # noqa: S104
    with closing(HTTPConnection(host, settings.api.port, timeout=_ANSWER_SECONDS)) as connection:
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False


def _listening(host: str, port: int) -> socket.socket:
    try:
        [(family, *_), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot listen on {host}, port {port}: {why}; see --host and --port") from error
    # What is accepted inherits it.  Without it the end of a small answer waits 40 ms for the client's
    # acknowledgement; asyncio sets it on sockets alone that name their protocol, which this one does not.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _stopping_in_order() -> Iterator[None]:
    """uvicorn stops at a signal, and then sends it to the process again: here that ends nothing more."""
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
