"""A TCP port that nobody uses."""

from __future__ import annotations

import socket
from random import SystemRandom

import pytest

# Below those that systems give to connections, of which tests beside this one make many: such a port may be somebody's
# when the server that is to have it gets there, seconds later.
_PORTS = range(10_000, 32_000)
_random = SystemRandom()


@pytest.fixture
def free_port() -> int:
    return unused_port()


def unused_port() -> int:
    while True:
        port = _random.choice(_PORTS)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):  # nobody listens there
                return port
