"""The files that put the service into containers, as far as they can be checked without an engine.

compose_spec.json is the Compose specification's schema as docker-compose 1.29.2 ships it (Apache-2.0).
"""

from __future__ import annotations

import json
import re
import stat
import subprocess
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer.main
import yaml
from pydantic import BaseModel
from sqlalchemy import make_url

from ingest.cli.app import app
from ingest.settings import Settings
from tests.conftest import ROOT
from tests.deploy.compose import COMPOSE, OURS, SERVICES, filled, seconds, size
from tests.deploy.dockerfile import stages_of
from workers.app import limits_of

PUBLISHED = {"api": "127.0.0.1:8000:8000", "grafana": "127.0.0.1:3000:3000"}
REACH_OUTSIDE = {*PUBLISHED, "crawler"}
ENDS = {"migrate"}  # and is not to be started again
IMAGE = stages_of((ROOT / "Dockerfile").read_text(encoding="utf-8"))[-1].instructions


def test_the_file_is_what_the_specification_says() -> None:
    schema = json.loads(Path(__file__).with_name("compose_spec.json").read_text(encoding="utf-8"))
    # Its name for its own dialect is one that the dialect's later address does not have.
    jsonschema.Draft201909Validator(schema).validate(COMPOSE)


def test_services() -> None:
    assert list(OURS) == ["migrate", "api", "worker", "beat", "crawler"]
    assert SERVICES.keys() - OURS.keys() == {"redis", "postgres", "prometheus", "grafana"}
    profiles = {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service}
    assert profiles == {"crawler": ["crawl"], "prometheus": ["monitoring"], "grafana": ["monitoring"]}
    commands = [service["command"][:2] for service in OURS.values()]
    assert commands.count(["ingest", "beat"]) == 1


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_has_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert int(service["user"].split(":")[0]) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "/tmp" in service["tmpfs"]  # noqa: S108
    assert (
        not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices", "group_add"} & service.keys()
    )
    assert 0 < size(service["mem_limit"]) <= size("6g")
    assert 0 < service["pids_limit"] <= 512
    assert size(service["logging"]["options"]["max-size"]) <= size("10m")
    assert int(service["logging"]["options"]["max-file"]) > 1
    assert re.fullmatch(
        r"ingest|[\w./-]+:v?\d[\w.-]*", service["image"]
    )  # ours is built here, others are pinned
    for variable, value in service.get("environment", {}).items():
        assert not re.search(r"PASSWORD$|TOKEN$|://\S*:\S*@", f"{variable} {value}")


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_used_is_declared(name: str) -> None:
    service = SERVICES[name]
    assert set(service["networks"]) <= COMPOSE["networks"].keys()
    assert set(service.get("secrets", [])) <= COMPOSE["secrets"].keys()
    for volume in service["volumes"]:
        source, target, *mode = volume.split(":")
        if source.startswith("."):
            assert (ROOT / source).is_file()
            assert mode == ["ro"]
        else:
            assert source in COMPOSE["volumes"]
        assert target.startswith("/")
    used = {v.split(":")[0] for s in SERVICES.values() for v in s["volumes"] if not v.startswith(".")}
    assert used == COMPOSE["volumes"].keys()


def test_only_the_api_and_the_dashboards_are_published_and_only_here() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert {name: filled(port, {}) for name, (port,) in published.items()} == PUBLISHED
    (port,) = published["api"]
    assert filled(port, {"API_ADDRESS": "0.0.0.0:80"}) == "0.0.0.0:80:8000"
    assert {name for name, service in SERVICES.items() if "outside" in service["networks"]} == REACH_OUTSIDE
    assert all("inside" in service["networks"] for service in SERVICES.values())


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - ENDS))
def test_services_are_watched_and_come_back(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"][0] == "CMD"  # not CMD-SHELL
    assert service["restart"] == "unless-stopped"
    assert "container_name" not in service  # --scale would refuse it
    assert seconds(service["stop_grace_period"]) >= 10


def test_services_start_in_an_order_that_holds() -> None:
    after = {name: service.get("depends_on", {}) for name, service in SERVICES.items()}
    assert list(TopologicalSorter(after).static_order())  # no circle
    for waited in after.values():
        for other, how in waited.items():
            assert how == {
                "condition": "service_completed_successfully" if other in ENDS else "service_healthy"
            }
    assert SERVICES["migrate"]["restart"] == "no"
    assert after["migrate"].keys() == {"postgres"}
    for name in OURS.keys() - ENDS:
        assert after[name].keys() == {"migrate", "postgres", "redis"}
    plain = {name for name, service in SERVICES.items() if "profiles" not in service}
    assert all(after[name].keys() <= plain for name in plain)  # else they could not start without the profile


@pytest.mark.parametrize("name", sorted(OURS))
def test_commands_exist_and_take_these_flags(name: str) -> None:
    group: Any = typer.main.get_command(app)
    given = [OURS[name]["command"]]
    if name not in ENDS and OURS[name]["healthcheck"]["test"][1] == "ingest":
        given.append(OURS[name]["healthcheck"]["test"][1:])
    for program, command, *arguments in given:
        assert program == "ingest"
        group.commands[command].make_context(command, list(arguments)).close()


@pytest.mark.parametrize("name", sorted(OURS))
def test_environment_names_settings(name: str) -> None:
    given: dict[str, str] = OURS[name]["environment"]
    image = [
        variable
        for instruction in IMAGE
        if instruction.keyword == "ENV"
        for variable in re.findall(r"(INGEST_\w+)=", instruction.arguments)
    ]
    assert image == ["INGEST_CONFIG", "INGEST_DATA"]
    known = _variables(Settings) | {"INGEST_CONFIG", "INGEST_SECRETS"}
    assert given.keys() | set(image) <= known


def _variables(model: type[BaseModel], prefix: str = "INGEST_") -> set[str]:
    names = set()
    for name, field in model.model_fields.items():
        variable = prefix + name.upper()
        names.add(variable)
        if isinstance(field.default, BaseModel):
            names |= _variables(type(field.default), f"{variable}__")
    return names


def test_what_must_last_is_on_a_volume_that_the_image_made_for_its_user() -> None:
    made = next(i.arguments for i in IMAGE if i.keyword == "RUN")
    for service in OURS.values():
        assert service["volumes"] == [f"payloads:{service['environment']['INGEST_PAYLOADS']}"]
        assert re.search(
            rf"install -d -o 10001 -g 10001 .*{service['environment']['INGEST_PAYLOADS']}\b", made
        )
        assert "/data" in service["tmpfs"]
        assert [i.arguments for i in IMAGE if i.keyword == "USER"] == [service["user"]]


def test_secrets_are_made_once_for_the_containers_and_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    command = ["sh", str(ROOT / "config/make-secrets.sh"), str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    made = {path.name: path.read_text() for path in folder.iterdir()}
    assert {f"./secrets/{name}" for name in made} == {s["file"] for s in COMPOSE["secrets"].values()}
    assert all(secret["file"] == f"./secrets/{name}" for name, secret in COMPOSE["secrets"].items())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}
    assert len(made["postgres_password"]) == len(made["grafana_password"]) == 48
    store, broker = make_url(made["ingest_store"].strip()), make_url(made["ingest_broker"].strip())
    assert (store.drivername, store.username, store.password, store.host, store.database) == (
        "postgresql+psycopg",
        SERVICES["postgres"]["environment"]["POSTGRES_USER"],
        made["postgres_password"],
        "postgres",
        SERVICES["postgres"]["environment"]["POSTGRES_DB"],
    )
    assert (broker.username, broker.host) == ("ingest", "redis")
    assert f">{broker.password} " in made["redis_users"]
    assert len({made["postgres_password"], broker.password, made["grafana_password"]}) == 3

    (folder / "ingest_store").unlink()
    subprocess.run(command, check=True, capture_output=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == made
    assert "/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


def test_a_worker_has_until_after_its_hard_limit_to_stop() -> None:
    for name in ("worker", "crawler"):
        assert seconds(SERVICES[name]["stop_grace_period"]) > limits_of(Settings()).hard


def test_memory_suffices_for_what_the_settings_allow() -> None:
    for name in ("worker", "crawler"):
        service = SERVICES[name]
        processes = int(service["command"][service["command"].index("--concurrency") + 1])
        assert size(service["mem_limit"]) > processes * Settings().queue.memory_bytes
    conf = (ROOT / "config/redis.conf").read_text(encoding="utf-8")
    (maxmemory,) = re.findall(r"^maxmemory (\w+)b$", conf, flags=re.MULTILINE)
    assert size(SERVICES["redis"]["mem_limit"]) >= 2 * size(maxmemory)  # it forks to write its log anew


def test_prometheus_reads_what_is_there() -> None:
    scraped = yaml.safe_load((ROOT / "config/prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    api, worker = scraped
    assert api["static_configs"] == [{"targets": ["api:8000"]}]
    (found,) = worker["dns_sd_configs"]
    assert found["names"] == ["worker", "crawler"]
    for name in found["names"]:
        given = SERVICES[name]["environment"]
        assert given["INGEST_METRICS__HOST"] == "0.0.0.0"  # noqa: S104  (of the container)
        assert given["INGEST_METRICS__PORT"] == str(found["port"])
    assert any("prometheus.yml" in argument for argument in SERVICES["prometheus"]["command"])
    sources = yaml.safe_load((ROOT / "config/grafana/datasources.yml").read_text(encoding="utf-8"))
    assert [source["url"] for source in sources["datasources"]] == ["http://prometheus:9090"]
