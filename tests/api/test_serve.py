"""The API as a process."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from tests.patience import PATIENCE
from tests.workers.service import Service, broker, service, until

__all__ = ["broker", "service"]


def start(service: Service) -> tuple[subprocess.Popen[bytes], str]:
    """-> the process, and the address that it says."""
    process = service.start("api", "--port", "0")
    log = service.logs[-1]
    until(lambda: "listening on" in log.read_text(), service)
    [address] = re.findall(r"listening on (\S+)", log.read_text())
    return process, address


def ask(url: str, token: str, payload: bytes | None = None) -> tuple[int, dict[str, object]]:
    request = urllib.request.Request(url, payload, {"Authorization": f"Bearer {token}"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_from_the_first_start_to_a_clean_document(service: Service) -> None:
    process, address = start(service)
    [token] = re.findall(r"admin token, shown this once: (\S+)", service.logs[-1].read_text())
    service.command("worker", "--check", code=1)
    code, said = ask(f"{address}/v1/dumps", token, b"a story\n")
    assert code == 202
    service.start("worker", "--concurrency", "1")
    service.until_settled(1)
    [pushed] = said["dumps"]  # type: ignore[misc]
    code, status = ask(address + pushed["status_url"], token)
    assert (code, status["state"]) == (200, "done")
    assert len(status["document_ids"]) == 1  # type: ignore[arg-type]

    # Tokens from the command line, made and revoked.
    made = service.command("tokens", "create", "--scope", "read", "--name", "desk")[0].strip()
    assert ask(address + pushed["status_url"], made)[0] == 200
    assert ask(f"{address}/v1/dumps", made, b"x")[0] == 403
    listed = [json.loads(line) for line in service.command("tokens", "list", "--json")[0].splitlines()]
    assert [(t["name"], t["scopes"]) for t in listed] == [("first", ["admin"]), ("desk", ["read"])]
    service.command("tokens", "revoke", listed[1]["token_id"])
    until(lambda: ask(address + pushed["status_url"], made)[0] == 401, service)

    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    process, _ = start(service)
    assert "admin token" not in service.logs[-1].read_text()


def test_what_keeps_it_from_starting_is_said(service: Service, tmp_path: Path) -> None:
    _, address = start(service)
    port = address.rpartition(":")[2]
    assert f"port {port}" in service.command("api", "--port", port, code=2)[1]
    service.command("api", "--port", port, "--check")
    service.env.pop("INGEST_BROKER")
    assert "no broker is set" in service.command("api", code=2)[1]
    assert "push, read, review, admin" in service.command("tokens", "create", "--scope", "all", code=2)[1]
