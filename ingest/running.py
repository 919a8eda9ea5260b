"""The service that `ingest up` runs on a data folder, as other shells find it.

With a broker of its own, `ingest up` says in the data folder where that is.  Only its user can read the file, and
only while something listens there is it believed.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from ingest.errors import UsageError
from ingest.redaction import redacted
from ingest.settings import Settings

SCHEME = "redis+socket://"


def redis_url(broker: str) -> str:
    """A broker's URL as redis-py writes it; Celery's scheme for sockets is another."""
    return broker.replace(SCHEME, "unix://", 1)


def folder_of(data: Path) -> Path:
    """The folder of everything that belongs to the running service alone."""
    return data / "queue"


def announce(settings: Settings, broker: str) -> None:
    """Let other shells find this broker.  `broker`: its URL, a socket's."""
    said = {"broker": broker, "store": _plain(settings.store_url)}
    fresh = _file(settings).with_suffix(".new")
    fresh.write_text(json.dumps(said), encoding="utf-8")
    fresh.replace(_file(settings))  # whole, or not at all


def withdraw(settings: Settings) -> None:
    _file(settings).unlink(missing_ok=True)


def broker_of(settings: Settings) -> str | None:
    """The broker of the `ingest up` that runs on the data folder of these settings; None where none does.

    Raises UsageError where it works on another store: what is pushed to one store is not found in the other.
    """
    said = _announced(settings)
    if said is None or not _listens(said["broker"]):
        return None
    asked = _plain(settings.store_url)
    if said["store"] != asked:
        raise UsageError(
            f"the running `ingest up` works on the store {said['store']}, and this command is told {asked}: "
            "give both the same --store or INGEST_STORE"
        )
    return said["broker"]


def last_broker(settings: Settings) -> str | None:
    """The broker of the last `ingest up` that did not come to withdraw it, whether or not it still runs."""
    said = _announced(settings)
    return said["broker"] if said else None


def _announced(settings: Settings) -> dict[str, str] | None:
    try:
        said: dict[str, str] = json.loads(_file(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # there is none, or it is somebody else's
        return None
    return said


def _file(settings: Settings) -> Path:
    return folder_of(settings.data) / "up.json"


def _listens(broker: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        return client.connect_ex(broker.removeprefix(SCHEME)) == 0


def _plain(store_url: str) -> str:
    """The same store under the same name, from whatever folder it was named; without its password."""
    try:
        url = make_url(store_url)
    except (ArgumentError, ValueError):
        return redacted(store_url)  # who opens it says what is wrong
    if url.get_backend_name() == "sqlite" and url.database:
        url = url.set(database=str(Path(url.database).expanduser().resolve()))
    return redacted(url.render_as_string())
