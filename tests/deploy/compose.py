"""docker-compose.yml, as the tests read it."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.conftest import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "ingest"}


def seconds(duration: str) -> float:
    """Of a duration in seconds or minutes, as Compose writes it."""
    number, unit = re.fullmatch(r"(\d+)(s|m)", duration).groups()  # type: ignore[union-attr]
    return int(number) * {"s": 1, "m": 60}[unit]


def size(amount: str) -> float:
    """Bytes of an amount of memory, as Compose writes it."""
    return int(amount[:-1]) * {"m": 1 << 20, "g": 1 << 30}[amount[-1]]


def filled(value: str, given: dict[str, str]) -> str:
    """With its ${NAME:-default} replaced."""
    return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: given.get(found[1]) or found[2], value)
