"""One POST to an address that others named, and to no other place: the name is resolved once, its addresses are asked
of the guard, and the connection goes to one that passed.  Redirects are not followed."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import certifi
import urllib3
from urllib3.exceptions import HTTPError

from ingest.crawl.guard import Guard

_PORTS = {"http": 80, "https": 443}


class NotDelivered(Exception):
    """No answer came; the message is for people."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    retry_after: float  # seconds that it asks to be left alone; 0 where it says nothing


def post(url: str, body: bytes, headers: Mapping[str, str], guard: Guard, seconds: float) -> Answer:
    """Raises NotDelivered."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    address = _address(host, port, guard)
    timeout = urllib3.Timeout(total=seconds)
    pool: urllib3.HTTPConnectionPool
    if parts.scheme == "https":  # the name is what the certificate has to be of
        pool = urllib3.HTTPSConnectionPool(
            address,
            port,
            timeout=timeout,
            ca_certs=certifi.where(),
            server_hostname=host,
            assert_hostname=host,
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {**headers, "Host": parts.netloc.rpartition("@")[2], "User-Agent": "ingest"}
    with pool:
        try:
            answer = pool.urlopen(
                "POST", target, body, sent, retries=False, redirect=False, preload_content=False
            )
        except (HTTPError, OSError) as error:
            raise NotDelivered(f"{type(error).__name__}: {error}") from error
        answer.close()  # what it says beyond its status is nothing to us
    after = answer.headers.get("retry-after", "")
    return Answer(answer.status, float(after) if after.isdecimal() else 0.0)


def _address(host: str, port: int, guard: Guard) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotDelivered(f"the host {host} cannot be found: {error}") from error
    for *_, place in found:
        if guard.permits(host, port, str(place[0])):
            return str(place[0])
    raise NotDelivered(f"the host {host} has no address that everybody may reach: see outbox.private_hosts")
